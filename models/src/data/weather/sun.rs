//! Where the sun stands.

use std::f64::consts::{PI, TAU};

use shared::time::WallTime;

/// Radians of a degree.
const DEGREE: f64 = PI / 180.0;

/// 2000-01-01 12:00 UT, from which days are counted, in seconds since 1970.
const EPOCH: f64 = 946_728_000.0;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A place on earth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Location {
    /// Longitude in degrees east.
    longitude: f64,
    /// Sine and cosine of the latitude.
    latitude: (f64, f64),
}

/// The sun as it stands over a place at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sun {
    latitude: (f64, f64),
    /// Sine and cosine of the declination.
    declination: (f64, f64),
    /// The hour angle in radians, from -π to π; 0 where the sun is highest.
    hour_angle: f64,
    /// The sine of the elevation.
    pub(super) sin_elevation: f64,
}

/// The sine and the cosine of an angle in degrees.
fn sine_and_cosine(degrees: f64) -> (f64, f64) {
    let angle = degrees * DEGREE;
    (libm::sin(angle), libm::cos(angle))
}

/// The angle of a sine, in radians. Of a function that is there anyway.
fn arc_sine(sine: f64) -> f64 {
    libm::atan2(sine, (1.0 - sine * sine).max(0.0).sqrt())
}

impl Location {
    /// A place, in degrees north and east.
    pub(super) fn new(latitude: f64, longitude: f64) -> Self {
        Self {
            longitude,
            latitude: sine_and_cosine(latitude),
        }
    }

    /// The sun at a time, in seconds of UTC since 1970.
    pub(super) fn sun(&self, time: f64) -> Sun {
        let days = (time - EPOCH) / DAY;
        let anomaly = 357.528 + 0.985_600_3 * days;
        let (sin_anomaly, cos_anomaly) = sine_and_cosine(anomaly);
        let mean_longitude = 280.460 + 0.985_647_4 * days;
        // The sine of twice an angle is twice the product of its sine and cosine.
        let longitude =
            mean_longitude + 1.915 * sin_anomaly + 0.020 * 2.0 * sin_anomaly * cos_anomaly;
        let (sin_longitude, cos_longitude) = sine_and_cosine(longitude);
        let (sin_obliquity, cos_obliquity) = sine_and_cosine(23.439 - 0.000_000_4 * days);
        let right_ascension = libm::atan2(cos_obliquity * sin_longitude, cos_longitude);
        let sin_declination = sin_obliquity * sin_longitude;
        let cos_declination = (1.0 - sin_declination * sin_declination).sqrt();
        let sidereal = 280.460_618_37 + 360.985_647_366_29 * days + self.longitude;
        let turned = sidereal * DEGREE - right_ascension;
        let hour_angle = turned - (turned / TAU).round() * TAU;
        let (sin_latitude, cos_latitude) = self.latitude;
        Sun {
            latitude: self.latitude,
            declination: (sin_declination, cos_declination),
            hour_angle,
            sin_elevation: sin_latitude * sin_declination
                + cos_latitude * cos_declination * libm::cos(hour_angle),
        }
    }
}

impl Sun {
    /// The elevation of its centre in degrees, without refraction.
    pub(super) fn elevation(&self) -> f64 {
        arc_sine(self.sin_elevation) / DEGREE
    }

    /// The azimuth in degrees, 0 to below 360: 0 is north, 90 east.
    pub(super) fn azimuth(&self) -> f64 {
        let (sin_latitude, cos_latitude) = self.latitude;
        let (sin_declination, cos_declination) = self.declination;
        let east = -cos_declination * libm::sin(self.hour_angle);
        let north = sin_declination * cos_latitude
            - cos_declination * sin_latitude * libm::cos(self.hour_angle);
        let azimuth = libm::atan2(east, north) / DEGREE;
        if azimuth < 0.0 {
            azimuth + 360.0
        } else {
            azimuth
        }
    }

    /// The mean of the sine of the elevation between two times, in seconds from that of this sun, with 0 where it is
    /// below the horizon. The times are at most half a day away.
    pub(super) fn mean_sine(&self, from: f64, to: f64) -> f64 {
        let level = self.latitude.0 * self.declination.0;
        let swing = self.latitude.1 * self.declination.1;
        // The hour angle at which the sun is on the horizon.
        let set = if level >= swing {
            PI
        } else if level <= -swing {
            0.0
        } else {
            PI / 2.0 + arc_sine(level / swing)
        };
        let angle = |seconds: f64| self.hour_angle + seconds / DAY * TAU;
        let (from, to) = (angle(from), angle(to));
        let mut sum = 0.0;
        // The day before and the day after: times may be on the other side of midnight.
        for noon in [-TAU, 0.0, TAU] {
            let (from, to) = (from.max(noon - set), to.min(noon + set));
            if from < to {
                sum += level * (to - from) + swing * (libm::sin(to) - libm::sin(from));
            }
        }
        sum.max(0.0) / (to - from)
    }
}

/// The irradiance of a surface that faces the sun above the atmosphere, in W/m², on the day of a time of UTC.
pub(super) fn extraterrestrial(time: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "a time of the calendar")]
    let time = WallTime::from_seconds(time.floor() as i64);
    let year = i64::from(time.civil().year);
    let first = WallTime::from_parts((year, 1, 1), (0, 0, 0)).map_or(0, WallTime::seconds);
    let day = (time.seconds() - first).div_euclid(86_400);
    let angle = TAU * day as f64 / 365.0;
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let (sine_of_twice, cosine_of_twice) = (2.0 * sine * cosine, 2.0 * cosine * cosine - 1.0);
    1366.1
        * (1.000_11
            + 0.034_221 * cosine
            + 0.001_28 * sine
            + 0.000_719 * cosine_of_twice
            + 0.000_077 * sine_of_twice)
}
