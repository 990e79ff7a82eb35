/* A unit of FMI 3 for co-simulation: heats a basin. Functions that it does not need are there by name only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OK = 0, ERROR = 3 };

static double values[4] = {0.0, 0.5, 0.0, 20.0};
static int32_t steps;

const char *fmi3GetVersion(void) { return "3.0"; }

void *fmi3InstantiateCoSimulation(const char *name, const char *token, const char *resources, bool visible,
                                  bool logging, bool event_mode, bool early_return, const uint32_t *required,
                                  size_t count, void *environment, void *log, void *update) {
    return values;
}

void fmi3FreeInstance(void *unit) {}
int fmi3EnterInitializationMode(void *unit, bool has_tolerance, double tolerance, double start, bool has_stop,
                                double stop) { return OK; }
int fmi3ExitInitializationMode(void *unit) { return OK; }
int fmi3Terminate(void *unit) { return OK; }

int fmi3SetFloat64(void *unit, const uint32_t *which, size_t count, const double *from, size_t size) {
    for (size_t i = 0; i < count; i++) values[which[i]] = from[i];
    return OK;
}

int fmi3GetFloat64(void *unit, const uint32_t *which, size_t count, double *to, size_t size) {
    for (size_t i = 0; i < count; i++) to[i] = values[which[i]];
    return OK;
}

int fmi3GetInt32(void *unit, const uint32_t *which, size_t count, int32_t *to, size_t size) {
    for (size_t i = 0; i < count; i++) to[i] = steps;
    return OK;
}

int fmi3GetBoolean(void *unit, const uint32_t *which, size_t count, bool *to, size_t size) {
    for (size_t i = 0; i < count; i++) to[i] = values[3] > 24.0;
    return OK;
}

int fmi3DoStep(void *unit, double now, double length, bool no_set_state, bool *event, bool *terminate, bool *early,
               double *last) {
    values[0] = now + length;
    values[3] += (values[2] - 0.01 * (values[3] - 20.0)) * length / (values[1] * 4186.0);
    steps++;
    *event = *terminate = *early = false;
    *last = now + length;
    return OK;
}

#define NOT_NEEDED(name) int name(void) { return ERROR; }
NOT_NEEDED(fmi3SetDebugLogging)
NOT_NEEDED(fmi3InstantiateModelExchange)
NOT_NEEDED(fmi3InstantiateScheduledExecution)
NOT_NEEDED(fmi3EnterEventMode)
NOT_NEEDED(fmi3Reset)
NOT_NEEDED(fmi3GetFloat32)
NOT_NEEDED(fmi3GetInt8)
NOT_NEEDED(fmi3GetUInt8)
NOT_NEEDED(fmi3GetInt16)
NOT_NEEDED(fmi3GetUInt16)
NOT_NEEDED(fmi3GetUInt32)
NOT_NEEDED(fmi3GetInt64)
NOT_NEEDED(fmi3GetUInt64)
NOT_NEEDED(fmi3GetString)
NOT_NEEDED(fmi3GetBinary)
NOT_NEEDED(fmi3GetClock)
NOT_NEEDED(fmi3SetFloat32)
NOT_NEEDED(fmi3SetInt8)
NOT_NEEDED(fmi3SetUInt8)
NOT_NEEDED(fmi3SetInt16)
NOT_NEEDED(fmi3SetUInt16)
NOT_NEEDED(fmi3SetInt32)
NOT_NEEDED(fmi3SetUInt32)
NOT_NEEDED(fmi3SetInt64)
NOT_NEEDED(fmi3SetUInt64)
NOT_NEEDED(fmi3SetBoolean)
NOT_NEEDED(fmi3SetString)
NOT_NEEDED(fmi3SetBinary)
NOT_NEEDED(fmi3SetClock)
NOT_NEEDED(fmi3GetNumberOfVariableDependencies)
NOT_NEEDED(fmi3GetVariableDependencies)
NOT_NEEDED(fmi3GetFMUState)
NOT_NEEDED(fmi3SetFMUState)
NOT_NEEDED(fmi3FreeFMUState)
NOT_NEEDED(fmi3SerializedFMUStateSize)
NOT_NEEDED(fmi3SerializeFMUState)
NOT_NEEDED(fmi3DeserializeFMUState)
NOT_NEEDED(fmi3GetDirectionalDerivative)
NOT_NEEDED(fmi3GetAdjointDerivative)
NOT_NEEDED(fmi3EnterConfigurationMode)
NOT_NEEDED(fmi3ExitConfigurationMode)
NOT_NEEDED(fmi3GetIntervalDecimal)
NOT_NEEDED(fmi3GetIntervalFraction)
NOT_NEEDED(fmi3GetShiftDecimal)
NOT_NEEDED(fmi3GetShiftFraction)
NOT_NEEDED(fmi3SetIntervalDecimal)
NOT_NEEDED(fmi3SetIntervalFraction)
NOT_NEEDED(fmi3SetShiftDecimal)
NOT_NEEDED(fmi3SetShiftFraction)
NOT_NEEDED(fmi3EvaluateDiscreteStates)
NOT_NEEDED(fmi3UpdateDiscreteStates)
NOT_NEEDED(fmi3EnterContinuousTimeMode)
NOT_NEEDED(fmi3CompletedIntegratorStep)
NOT_NEEDED(fmi3SetTime)
NOT_NEEDED(fmi3SetContinuousStates)
NOT_NEEDED(fmi3GetContinuousStateDerivatives)
NOT_NEEDED(fmi3GetEventIndicators)
NOT_NEEDED(fmi3GetContinuousStates)
NOT_NEEDED(fmi3GetNominalsOfContinuousStates)
NOT_NEEDED(fmi3GetNumberOfEventIndicators)
NOT_NEEDED(fmi3GetNumberOfContinuousStates)
NOT_NEEDED(fmi3EnterStepMode)
NOT_NEEDED(fmi3GetOutputDerivatives)
NOT_NEEDED(fmi3ActivateModelPartition)
