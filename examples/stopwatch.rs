//! Times requests in process: `cargo run --release --example stopwatch < requests.jsonl`.
//!
//! In: batch requests, a line each. Out: for each at once a line `{"seconds":…,"repeats":…,"answer":…}`, the median time
//! of the processor from the text of the request to its answer. The rules are loaded before; what they compile to is kept between requests, as in a
//! server. A request is repeated until a fifth of a second is spent on it, and at least once after a first run that
//! is not counted; one that takes longer than that is run once.
//!
//! `"check":false` leaves the numeric check out of what is timed, `"emit":["numpy"]` takes the emitting of code in.

use std::io::{BufRead, Write};
use std::time::Duration;

use cpu_time::ProcessTime;
use matgrad::answer::{Refusal, Request, Setup, answer};

const SPENT: Duration = Duration::from_millis(200);
const REPEATS: usize = 101;

/// The answer to a line as JSON, and how long it took to find.
fn timed(line: &str, setup: &Setup) -> (Duration, String) {
    let start = ProcessTime::now();
    let (id, request) = Request::from_json(line);
    let found = request.and_then(|request| answer(&request, setup));
    let time = start.elapsed();
    let json = match &found {
        Ok(found) => serde_json::to_string(found),
        Err(error) => serde_json::to_string(&Refusal::new(id, error)),
    };
    (time, json.unwrap_or_default())
}

fn main() -> std::io::Result<()> {
    let setup = Setup::default();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let start = ProcessTime::now();
        let (first, json) = timed(&line, &setup);
        let mut times = vec![first];
        if first < SPENT {
            times.clear();
            while times.is_empty() || (start.elapsed() < SPENT && times.len() < REPEATS) {
                times.push(timed(&line, &setup).0);
            }
        }
        times.sort_unstable();
        let (median, repeats) = (times[times.len() / 2].as_secs_f64(), times.len());
        writeln!(std::io::stdout(), r#"{{"seconds":{median:e},"repeats":{repeats},"answer":{json}}}"#)?;
    }
    Ok(())
}
