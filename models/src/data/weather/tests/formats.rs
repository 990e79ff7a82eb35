//! What is read of each kind of file.

use shared::value::Value;

use super::{EPW, Setup, assert_close, at, epw_row};

const HEADER: &str = "Latitude (decimal degrees):\t52.100\r\nLongitude (decimal degrees):\t5.200\r\nElevation (m):\t2\r\n\
                      Radiation database:\tPVGIS-SARAH3\r\n\r\n\r\nSlope: 0 deg. \r\nAzimuth: 0 deg. \r\n";

#[test]
fn an_epw_hour_is_what_stands_in_its_row() {
    let mut file = EPW.to_owned();
    for hour in 11..=13 {
        let air = f64::from(hour);
        file += &epw_row((2005, 6, 21), hour, [air, 700.0, 500.0, 260.0, 4.0]);
    }
    let setup = Setup {
        file: &file,
        parameters: &[],
        start: "2026-06-21 11:00:00",
        resolution: 3600,
        ticks: 2,
    };
    let mut rig = setup.rig();
    let names = ["G_Gh", "G_Dh", "G_Bn", "Ta", "FF", "u"];
    // From 11 to 12 o'clock: the row of hour 12, in the middle of whose hour it is as warm as between both its ends.
    assert_eq!(rig.values(0, names)[..5], [700.0, 260.0, 500.0, 11.5, 4.0]);
    assert_close(rig.value("u"), 6.0, 1e-12);
    // 10:30 UTC, more than an hour before noon there.
    let [elevation, azimuth] = ["hs", "Az"].map(|name| rig.value(name));
    assert_close(elevation, 58.3, 0.1);
    assert_close(azimuth, 148.0, 0.5);
}

#[test]
fn pvgis_says_which_instant_a_row_is() {
    let file = format!(
        "{HEADER}\r\ntime,G(i),H_sun,T2m,WS10m,Int\r\n20200621:1010,600.0,57.0,20.0,2.0,0.0\r\n\
         20200621:1110,640.0,60.0,21.0,2.5,0.0\r\n20200621:1210,660.0,60.0,22.0,3.0,0.0\r\n\r\nG(i): Global \
         irradiance\r\nH_sun: Sun height\r\n\r\nPVGIS (c) nobody\r\n"
    );
    let setup = Setup {
        file: &file,
        parameters: &[],
        start: "2020-06-21 10:40:00",
        resolution: 3600,
        ticks: 2,
    };
    let mut rig = setup.rig();
    let [global, diffuse, beam, air, elevation] =
        rig.values(0, ["G_Gh", "G_Dh", "G_Bn", "Ta", "hs"]);
    assert_eq!((global, air), (640.0, 21.0));
    let sine = elevation.to_radians().sin();
    assert_close(diffuse + beam * sine, 640.0, 1e-9);
    // The footer is no row, and the last one holds to the end of the run.
    rig.step(1).expect("a step");
    assert_eq!(rig.value("G_Gh"), 660.0);
}

#[test]
fn the_parts_of_pvgis_are_taken_as_they_are() {
    let file = format!(
        "{HEADER}time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int\n20200621:1130,400.0,200.0,0.0,60.0,20.0,2.0,0.0\n\
         20200621:1230,410.0,200.0,0.0,60.0,20.0,2.0,0.0\n"
    );
    let setup = Setup {
        file: &file,
        parameters: &[],
        start: "2020-06-21 11:00:00",
        resolution: 3600,
        ticks: 1,
    };
    let names = ["G_Gh", "G_Dh", "G_Bn", "hs"];
    let [global, diffuse, beam, elevation] = setup.rig().values(0, names);
    assert_eq!((global, diffuse), (600.0, 200.0));
    assert_close(beam, 400.0 / elevation.to_radians().sin(), 1e-9);
}

#[test]
fn a_typical_year_of_pvgis_has_an_offset() {
    let file = "Latitude (decimal degrees): 52.1\nLongitude (decimal degrees): 5.2\nElevation (m): 2.0\nIrradiance Time \
                Offset (h): 0.5\nmonth,year\n6,2011\ntime(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP\n\
                20110621:1100,20.0,50.0,700.0,600.0,200.0,300.0,2.0,180.0,101300.0\n\
                20110621:1200,22.0,50.0,710.0,610.0,200.0,300.0,2.0,180.0,101300.0\n";
    let setup = Setup {
        file,
        parameters: &[],
        start: "2030-06-21 11:00:00",
        resolution: 3600,
        ticks: 1,
    };
    let found = setup.rig().values(0, ["G_Gh", "G_Dh", "G_Bn", "Ta"]);
    assert_eq!(found, [700.0, 200.0, 600.0, 20.0]);
}

const KNMI: &str = "# made up\n# \n# STN      LON(east)   LAT(north)     ALT(m)  NAME\n# 999      5.200       52.100      \
                    2.00  Nowhere\n# Q : radiation\n# \n# STN,YYYYMMDD,   HH,   DD,   FH,    T,    Q\n\n\
                    \x20 999,20230621,   11,  200,   50,  191,  220\n  999,20230621,   12,  200,   52,  195,  234\n\
                    \x20 999,20230621,   13,  200,   55,  201,  240\n";

#[test]
fn knmi_counts_in_tenths_and_joules() {
    let setup = Setup {
        file: KNMI,
        parameters: &[],
        start: "2023-06-21 11:00:00",
        resolution: 3600,
        ticks: 1,
    };
    let [global, air, wind, elevation] = setup.rig().values(0, ["G_Gh", "Ta", "FF", "hs"]);
    // 234 J/cm² in an hour.
    assert_close(global, 650.0, 1e-9);
    assert_close(air, 19.3, 1e-9);
    assert_close(wind, 5.1, 1e-9);
    assert_close(elevation, 61.3, 0.2);
}

#[test]
fn columns_may_have_other_forms_and_any_two_parts() {
    let mut parameters = at(52.1, 5.2);
    parameters.push(("date_format", Value::text("DD.MM.YYYY HH:mm")));
    parameters.push(("stamp", Value::text("end")));
    let file = "made up, Ta or not\ntime;FF # m/s;Ta # °C;G_Dh;G_Bn\n21.06.2023 11:30;3;20;200;500\n\
                21.06.2023 12:00;3;21;200;500\n";
    let setup = Setup {
        file,
        parameters: &parameters,
        start: "2023-06-21 11:00:00",
        resolution: 1800,
        ticks: 2,
    };
    let [global, diffuse, beam, elevation] = setup.rig().values(0, ["G_Gh", "G_Dh", "G_Bn", "hs"]);
    assert_eq!((diffuse, beam), (200.0, 500.0));
    assert_close(global, 200.0 + 500.0 * elevation.to_radians().sin(), 1e-9);
}
