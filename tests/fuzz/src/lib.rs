//! What every fuzz target does: read some bytes as one file, and see that the readers keep their laws.

use std::sync::Once;

use offlimits::read::{Batch, Catalog, drive, plan};

/// Reads `bytes` as a file of that name (and place), as whatever it seems to be or as the format that is named.
pub fn read(name: &str, bytes: &[u8], format: Option<&str>) {
    static POOL: Once = Once::new();
    POOL.call_once(|| {
        drop(rayon::ThreadPoolBuilder::new().num_threads(1).build_global());
        // libFuzzer's hook aborts at once; but what the Parquet crate asserts about a forged file is caught and told.
        std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    });
    let Ok(mut catalog) = Catalog::from_bytes("input", vec![(name, bytes.to_vec())]) else { return };
    let Ok(plan) = plan(&mut catalog, format) else { return };
    let work = |batch: Batch<'_>| {
        for conversation in &batch.conversations {
            assert!(!conversation.messages.is_empty(), "a conversation without messages");
            for message in &conversation.messages {
                assert!(!message.is_empty() && message.text.trim().len() == message.text.len(), "a message out of form");
            }
        }
    };
    let ledger = drive(&plan, work, |()| Ok(()), |_| ()).expect("reading never fails as a whole");
    assert!(ledger.files.len() >= catalog.entries.len(), "a file without a line");
}
