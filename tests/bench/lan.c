/* lan: a switch between network namespaces that holds every frame for a time.
 *
 *   lan DELAY_US PREFIX COUNT
 *
 * Makes COUNT TAP devices PREFIX0, PREFIX1, ... for the caller to move into namespaces, prints "ready",
 * and passes frames on: to the port where their destination was last seen, or to all others. Each
 * frame leaves DELAY_US microseconds after it came, whatever is on its way before it. Ends with its
 * standard input.
 *
 * One thread a port reads, one thread sends. The last 60 microseconds of a delay are spent spinning,
 * because sleeping is not that exact.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#define PORTS 64
#define FRAME 2048
#define QUEUE 65536 /* frames on their way; a power of two */
struct frame { int64_t due; int from, size; unsigned char bytes[FRAME]; };
static struct frame *queue;
static unsigned head, tail;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER, room = PTHREAD_COND_INITIALIZER;
static int port[PORTS], ports;
static int64_t delay;
static int64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void die(const char *what) { perror(what); exit(1); }
static void *reader(void *arg) {
    int me = (int)(intptr_t)arg;
    unsigned char bytes[FRAME];
    for (;;) {
        int size = read(port[me], bytes, FRAME);
        if (size < 14) { if (size < 0) return 0; continue; }
        int64_t due = now() + delay;
        pthread_mutex_lock(&lock);
        while (tail - head == QUEUE) pthread_cond_wait(&room, &lock);
        struct frame *f = &queue[tail % QUEUE];
        f->due = due; f->from = me; f->size = size;
        memcpy(f->bytes, bytes, size);
        if (tail++ == head) pthread_cond_signal(&some);
        pthread_mutex_unlock(&lock);
    }
}
/* Where an address was seen last. There are few: a list will do. */
static struct { unsigned char mac[6]; int port; } seen[4 * PORTS];
static int places;
static int place(const unsigned char *mac) {
    for (int i = 0; i < places; i++) if (!memcmp(seen[i].mac, mac, 6)) return i;
    return -1;
}
static void learn(const unsigned char *mac, int from) {
    int i = place(mac);
    if (i < 0 && places < 4 * PORTS) { i = places++; memcpy(seen[i].mac, mac, 6); }
    if (i >= 0) seen[i].port = from;
}
static void *sender(void *arg) {
    (void)arg;
    prctl(PR_SET_TIMERSLACK, 1000UL);
    for (;;) {
        pthread_mutex_lock(&lock);
        while (head == tail) pthread_cond_wait(&some, &lock);
        pthread_mutex_unlock(&lock);
        struct frame *f = &queue[head % QUEUE];
        int64_t left = f->due - now();
        if (left > 60000) {
            struct timespec t = { (left - 40000) / 1000000000LL, (left - 40000) % 1000000000LL };
            nanosleep(&t, 0);
        }
        while (now() < f->due) {}
        learn(f->bytes + 6, f->from);
        int to = f->bytes[0] & 1 ? -1 : place(f->bytes);
        for (int i = 0; i < ports; i++)
            if (i != f->from && (to < 0 || seen[to].port == i) && write(port[i], f->bytes, f->size) < 0) {}
        pthread_mutex_lock(&lock);
        if (tail - head++ == QUEUE) pthread_cond_broadcast(&room);
        pthread_mutex_unlock(&lock);
    }
    return 0;
}
int main(int argc, char **argv) {
    if (argc != 4 || (ports = atoi(argv[3])) < 2 || ports > PORTS) { fprintf(stderr, "usage: lan DELAY_US PREFIX COUNT, of 2 to 64 ports\n"); return 2; }
    delay = atoll(argv[1]) * 1000;
    queue = malloc(sizeof *queue * QUEUE);
    if (!queue) die("lan: memory");
    for (int i = 0; i < ports; i++) {
        struct ifreq r = { 0 };
        snprintf(r.ifr_name, sizeof r.ifr_name, "%s%d", argv[2], i);
        r.ifr_flags = IFF_TAP | IFF_NO_PI;
        if ((port[i] = open("/dev/net/tun", O_RDWR)) < 0) die("lan: /dev/net/tun");
        if (ioctl(port[i], TUNSETIFF, &r)) die("lan: TUNSETIFF");
    }
    pthread_t t;
    for (int i = 0; i < ports; i++) if (pthread_create(&t, 0, reader, (void *)(intptr_t)i)) die("lan: thread");
    if (pthread_create(&t, 0, sender, 0)) die("lan: thread");
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
