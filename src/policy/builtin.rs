//! The built-in profiles. A new one: a file in `lexicons/policies/` and a word here.

/// Embeds `lexicons/policies/<name>.toml` for every name.
macro_rules! profiles {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../lexicons/policies/", $name, ".toml")))),*]
    };
}

/// Every built-in profile: its id and the text of its file.
pub const PROFILES: &[(&str, &str)] = profiles![
    "meta-ai-ads" "meta-ai-incognito" "meta-eu-training"
    "openai-ads-us" "openai-ads-2" "openai-ads-eu" "openai-sora-feed"
    "google-gemini-app" "microsoft-copilot" "anthropic-claude" "perplexity"
    "x-grok" "snap-my-ai" "amazon-alexa"
];

/// The regions that profiles speak of.
pub(super) const REGIONS: &str = include_str!("../../lexicons/policies/regions.toml");
