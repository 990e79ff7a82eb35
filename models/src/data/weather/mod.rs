//! Weather: from the files that people have to what panels, turbines and heat pumps take.

mod file;
mod formats;
mod model;
mod radiation;
mod series;
mod sun;

use shared::model::{Literal, ModelType, Parameter, Published, Range};
use shared::model_type;

use model::Weather;

/// A parameter that may be left out.
const fn optional(parameter: Parameter, default: f64) -> Parameter {
    parameter
        .with_default(Literal::Float(default))
        .if_missing(Literal::Float(default))
}

/// A number that may be left out, for that of the file or for none.
const fn or_null(parameter: Parameter) -> Parameter {
    parameter
        .with_default(Literal::Null)
        .if_missing(Literal::Null)
}

/// A text that may be left out.
const fn optional_text(parameter: Parameter, default: &'static str) -> Parameter {
    parameter
        .with_default(Literal::text(default))
        .if_missing(Literal::text(default))
}

model_type! {
    /// Weather: reads a weather file, and gives sun, radiation, air temperature and wind.
    ///
    /// Its states have the names of the inputs of `PV`. `u` is what `Wind` takes, at 100 m unless
    /// `hub_height` says otherwise, and `Ta` what heat pumps take as their source.
    ///
    /// # File
    ///
    /// Which kind it is shows in the file:
    ///
    /// | file | time stamps | zone | years | what is read |
    /// |---|---|---|---|---|
    /// | EPW, EnergyPlus weather | end of the hour, 1 to 24 | of its first line | any | dry bulb, global, direct normal and diffuse radiation, wind |
    /// | PVGIS, CSV of a typical year | middle of the hour, after the offset of its header | UTC | any | `T2m`, `G(h)`, `Gb(n)`, `Gd(h)`, `WS10m` |
    /// | PVGIS, CSV of hours, slope 0 | middle of the hour: the instant of the satellite, or minute 30 | UTC | same | `T2m`, `G(i)` or `Gb(i)` and `Gd(i)`, `WS10m` |
    /// | KNMI, hourly | end of the hour, 1 to 24 | UTC | same | `T` (0.1 °C), `Q` (J/cm²), `FH` (0.1 m/s) |
    /// | columns | start of the interval | `time_zone` | same | `Ta`, `FF`, and `G_Gh` alone or two or three of `G_Gh`, `G_Dh`, `G_Bn` |
    ///
    /// Plain columns have a line of names, the time first; what follows a `#` in a name is a
    /// comment, and lines before it are passed. Commas, semicolons or tabs are between the cells. Rows are from a minute to three hours apart, each as
    /// far from the next.
    ///
    /// # Time
    ///
    /// The clock of the scenario is that of the file, without daylight saving: local standard time
    /// of an EPW file, UTC of the others. `time_zone` says in which zone the scenario is instead, in
    /// hours east of UTC. The stamps of plain columns are in that zone, too.
    ///
    /// Files of typical years, whose months are of different years, stand for any year: by month,
    /// day and time of day, over New Year again from the first row. Where one lacks 29 February,
    /// that is like the day before. Others have the days of the run. `year` says otherwise. Before
    /// its first and after its last row a file holds for as long as one row.
    ///
    /// # Model
    ///
    /// The position of the sun at the middle of the step: elevation h of its centre without
    /// refraction, and azimuth A from north over east. With the days n since 2000-01-01 12:00 UTC,
    /// in degrees, at latitude φ and longitude λ:
    ///
    /// ```text
    /// g = 357.528 + 0.9856003·n
    /// l = 280.460 + 0.9856474·n + 1.915·sin g + 0.020·sin 2g
    /// ε = 23.439 − 0.0000004·n
    /// δ = asin(sin ε·sin l)
    /// ω = 280.46061837 + 360.98564736629·n + λ − atan2(cos ε·sin l, cos l)
    /// sin h = sin φ·sin δ + cos φ·cos δ·cos ω
    /// A = atan2(−cos δ·sin ω, sin δ·cos φ − cos δ·sin φ·cos ω)
    /// ```
    ///
    /// Global radiation alone is decomposed with the sun at the middle of the interval of the row.
    /// With the extraterrestrial radiation E (1366.1 W/m², by Spencer over the year) the clearness
    /// is k = G_Gh / (E·max(sin h, 0.065)), at most 1, and G_Dh = d·G_Gh with
    ///
    /// ```text
    /// erbs:   d = 1 − 0.09·k                                             k ≤ 0.22
    ///         d = 0.9511 − 0.1604·k + 4.388·k² − 16.638·k³ + 12.336·k⁴   k ≤ 0.8
    ///         d = 0.165                                                  k > 0.8
    /// boland: d = 1 / (1 + exp(8.645·(k − 0.613)))
    /// G_Bn = (G_Gh − G_Dh) / sin h
    /// ```
    ///
    /// Below an elevation of 3° there is no G_Bn then, and all is G_Dh. What the file has is taken
    /// as it is; of two that it has, the third follows.
    ///
    /// A step that is a row of the file has what stands there. In a shorter one the diffuse part
    /// holds, and the direct part on level ground goes with the sine of h: the energy of the row is
    /// that of its steps, in G_Gh, to the last joule. A step that reaches over several rows has
    /// their mean. Where the sun is down at the middle of the step, G_Bn is 0 and G_Dh is G_Gh.
    ///
    /// Ta and FF go in a straight line from one time stamp to the next (with plain columns, from one
    /// middle to the next), and are those of the middle of the step. The wind at the hub of height H
    /// follows from that at the height z of the instrument by the logarithmic law over ground of
    /// roughness z₀, or by the power law where there is an exponent α:
    ///
    /// ```text
    /// u = FF·ln(H/z₀) / ln(z/z₀)
    /// u = FF·(H/z)^α
    /// ```
    ///
    /// # Assumptions
    ///
    /// From 1990 to 2050 the elevation is within 0.02° of NREL's algorithm (SPA), and the azimuth within 0.05° where the
    /// sun is not within 5° of the zenith. Steps are three hours at most. Flat horizon. The offset of a typical year
    /// of PVGIS, which is about radiation, moves air and wind as well.
    /// Radiation from -20 W/m² to 0 is what instruments say at night, and is 0.
    ///
    /// # Source
    ///
    /// Sun: J. J. Michalsky, *Solar Energy* 40(3) (1988) 227-235,
    /// doi:10.1016/0038-092X(88)90045-X, after *The Astronomical Almanac*. Extraterrestrial
    /// radiation: J. W. Spencer, *Search* 2(5) (1971) 172. Erbs: D. G. Erbs, S. A. Klein, J. A.
    /// Duffie, *Solar Energy* 28(4) (1982) 293-302, doi:10.1016/0038-092X(82)90302-4. Boland:
    /// J. Boland, B. Ridley, B. Brown, *Renewable Energy* 33(4) (2008) 625-632, doi:10.1016/j.renene.2007.04.012, with
    /// the numbers of pvlib. Wind: J. F. Manwell, J. G. McGowan, A. L. Rogers, *Wind Energy Explained*, 2nd edition,
    /// Wiley, 2009, chapter 2.
    ///
    /// # Errors
    ///
    /// The rows that the run needs are read before it. Refused is, with file and line, what is no
    /// such file (`unknown_weather_format`), lacks a column (`file_without_column:<name>`) or rows
    /// (`file_without_rows`), is about a plane with a slope (`tilted_plane`), has a time stamp that
    /// cannot be read (`bad_time_stamp`) or does not follow the one before
    /// (`unexpected_time_stamp`), a row that is too short (`short_row`), a cell that is no number
    /// (`bad_cell:<name>`), or lacks days of the run (`span_not_in_file`). Place and zone must be in the file or be given
    /// (`missing_parameter:<name>`).
    ///
    /// A value that is missing is refused as well (`missing_value:<name>`): an empty cell, `nan`, and
    /// what cannot be meant, as the nines of EPW: radiation below -20 or above 2000 W/m², air below -90 or
    /// above 65 °C, wind below 0 or above 120 m/s. `max_gap` has so many rows on end bridged in a straight line, with
    /// a warning. Radiation while the sun is down gives a warning: place, zone or `stamp` are not
    /// those of the file then.
    ///
    /// # Example
    ///
    /// On the equator at longitude 0, 2000-01-01 12:00 UTC is n = 0. g = 357.528°, so that
    /// l = 280.460 − 0.0826 − 0.0017 = 280.3757°. With ε = 23.439° sin δ = −0.39128, δ = −23.034°.
    /// atan2(−0.90251, 0.18010) is −78.715°, and ω = 359.176°, which is −0.824°: before noon. sin h =
    /// cos δ·cos ω = 0.92018, so h = 66.95°. It is in the south, a little east: A = 178.06°.
    ///
    /// An instrument at 10 m that says 5 m/s means, over a roughness of 0.1 m,
    /// 5·ln(1000)/ln(100) = 7.5 m/s at 100 m.
    pub static WEATHER = ModelType::new("Weather", |build| Ok(Box::new(Weather::new(build)?)));
    parameters {
        FILE_PATH = Parameter::read_paths("file_path", "the weather file"),
        LATITUDE = or_null(
            Parameter::number("latitude", "°", "north of the equator; null for that of the file")
                .symbol("φ")
                .in_range(&Range::between(-90.0, 90.0)),
        ),
        LONGITUDE = or_null(
            Parameter::number("longitude", "°", "east of Greenwich; null for that of the file")
                .symbol("λ")
                .in_range(&Range::between(-180.0, 180.0)),
        ),
        TIME_ZONE = or_null(
            Parameter::number(
                "time_zone",
                "h",
                "zone of the scenario's clock, east of UTC; null for that of the file",
            )
            .in_range(&Range::between(-14.0, 14.0)),
        ),
        STAMP = optional_text(
            Parameter::choice(
                "stamp",
                &["auto", "start", "middle", "end"],
                "where in its interval a time stamp is; 'auto' for the way of the format",
            ),
            "auto",
        ),
        YEAR = optional_text(
            Parameter::choice(
                "year",
                &["auto", "same", "any"],
                "whether rows are of their year, or stand for any; 'auto' for the way of the format",
            ),
            "auto",
        ),
        DECOMPOSITION = optional_text(
            Parameter::choice(
                "decomposition",
                &["erbs", "boland"],
                "what says how much of global radiation is diffuse, where the file does not",
            ),
            "erbs",
        ),
        MAX_GAP = Parameter::integer("max_gap", "-", "how many rows on end are bridged where values are missing")
            .with_default(Literal::Int(0))
            .if_missing(Literal::Int(0))
            .in_range(&Range::between(0.0, 48.0)),
        WIND_HEIGHT = optional(
            Parameter::number("wind_height", "m", "height at which the wind is measured")
                .symbol("z")
                .in_range(Range::POSITIVE),
            10.0,
        ),
        HUB_HEIGHT = optional(
            Parameter::number("hub_height", "m", "height of 'u'; 100 is what 'Wind' takes")
                .symbol("H")
                .in_range(Range::POSITIVE),
            100.0,
        ),
        ROUGHNESS = optional(
            Parameter::number("roughness", "m", "roughness length of the ground, for the logarithmic law")
                .symbol("z₀")
                .in_range(Range::POSITIVE),
            0.1,
        ),
        EXPONENT = or_null(
            Parameter::number("exponent", "-", "exponent of the power law; null for the logarithmic law")
                .symbol("α")
                .in_range(&Range::between(0.0, 1.0)),
        ),
        DATE_FORMAT = optional_text(
            Parameter::text("date_format", "form of the time stamps of plain columns, as of 'CSV'"),
            "YYYY-MM-DD HH:mm:ss",
        ),
    }
    published {
        G_GH = Published::state("G_Gh", "W/m²", "global horizontal irradiance").symbol("G_Gh"),
        G_DH = Published::state("G_Dh", "W/m²", "diffuse horizontal irradiance").symbol("G_Dh"),
        G_BN = Published::state("G_Bn", "W/m²", "direct normal irradiance, the beam").symbol("G_Bn"),
        TA = Published::state("Ta", "°C", "air temperature").symbol("Ta"),
        HS = Published::state("hs", "°", "elevation of the sun, without refraction").symbol("h"),
        AZ = Published::state("Az", "°", "azimuth of the sun; 0 is north, 90 east").symbol("A"),
        FF = Published::state("FF", "m/s", "wind speed, where it is measured").symbol("FF"),
        U = Published::state("u", "m/s", "wind speed at 'hub_height'").symbol("u"),
    }
}

#[cfg(test)]
mod tests;
