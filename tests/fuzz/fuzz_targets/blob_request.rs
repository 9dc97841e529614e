#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("blob_request", bytes));
