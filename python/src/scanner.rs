//! The scanner as Python sees it: settings once, then texts, tables and files.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use offlimits::audit::count::Counter;
use offlimits::audit::lines;
use offlimits::audit::survey::Survey;
use offlimits::chat::{Conversation, Message, Role};
use offlimits::classify::{Classifier, Scratch};
use offlimits::eval::{self, Gold};
use offlimits::explain::explain;
use offlimits::lexicon::{Lexicon, LexiconFiles};
use offlimits::policy::{self, Account, Policy};
use offlimits::read::time;
use offlimits::report::{Names, record};
use offlimits::scan::{self, Event, Selection};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::capsule::Input;
use crate::error;
use crate::files::Scan;
use crate::record::{Shape, schema};
use crate::records::Records;
use crate::rows::{self, Columns, Job, Table};
use crate::survey::{self, Asked};

/// Settings of a scanner; `python/offlimits/_scanner.py` documents them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Settings {
    policy: String,
    lexicon: Vec<PathBuf>,
    builtin: bool,
    region: Option<String>,
    plan: Option<String>,
    linked: Vec<String>,
    unlinked: Vec<String>,
    as_if: bool,
    roles: Vec<String>,
    lang: Option<String>,
    thresholds: Vec<(String, f32)>,
    quote: bool,
    threads: Option<usize>,
}

/// The threads of a scanner, and the process that started them: a fork has none of them.
struct Pool {
    process: u32,
    pool: Arc<ThreadPool>,
}

/// Classifier, policy and account, and threads of its own.
#[pyclass(frozen, module = "offlimits._native")]
pub(crate) struct Scanner {
    scanner: scan::Scanner,
    names: Names,
    threads: usize,
    pool: Mutex<Option<Pool>>,
}

fn role(name: &str) -> PyResult<Role> {
    let known = Role::from_name(name);
    known.ok_or_else(|| error::usage(format!("no role `{name}`; there are user, assistant, participant")))
}

/// Gold rows of names and JSON lines.
fn read_gold(gold: &[(String, String)]) -> PyResult<Vec<Gold>> {
    let mut rows = Vec::new();
    for (name, lines) in gold {
        rows.extend(eval::read_gold(name, lines).map_err(error::of)?);
    }
    if rows.is_empty() { Err(error::usage("no rows")) } else { Ok(rows) }
}

impl Settings {
    fn scanner(self) -> Result<scan::Scanner, PyErr> {
        let files = if self.builtin { LexiconFiles::builtin() } else { LexiconFiles::without_terms() };
        let lexicon = Lexicon::overlaid(files, &self.lexicon).map_err(error::of)?;
        let mut classifier = Classifier::new(Arc::new(lexicon));
        for (category, probability) in &self.thresholds {
            classifier.set_threshold(category, *probability).map_err(error::of)?;
        }
        if let Some(tag) = &self.lang {
            classifier.set_language(tag);
        }
        let tidy = |name: &String| name.trim().to_ascii_lowercase();
        let account = Account {
            region: self.region.as_deref().map(policy::region).transpose().map_err(error::of)?,
            plan: self.plan.as_ref().map(tidy),
            linked: self.linked.iter().map(tidy).collect(),
            unlinked: self.unlinked.iter().map(tidy).collect(),
            as_if: self.as_if,
        };
        let roles = self.roles.iter().map(|name| role(name)).collect::<PyResult<Vec<Role>>>()?;
        let selection = Selection { roles, since: None, until: None };
        let policy = Policy::builtin(&self.policy).map_err(error::of)?;
        Ok(scan::Scanner { classifier, policy, account, selection, evidence: self.quote })
    }
}

impl Scanner {
    /// The threads, started when they are first needed.
    fn pool(&self) -> PyResult<Arc<ThreadPool>> {
        let process = std::process::id();
        let mut known = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.process == process) {
            return Ok(Arc::clone(&known.pool));
        }
        let pool = ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool = Arc::new(pool.map_err(|error| error::usage(format!("threads: {error}")))?);
        // After a fork the old pool's threads are gone, and waiting for them would never end.
        std::mem::forget(known.replace(Pool { process, pool: Arc::clone(&pool) }));
        Ok(pool)
    }

    fn shape(&self, aligned: bool) -> Shape {
        Shape { quote: self.scanner.evidence, aligned }
    }
}

#[pymethods]
impl Scanner {
    #[new]
    fn new(py: Python<'_>, settings: Settings) -> PyResult<Scanner> {
        if settings.threads == Some(0) {
            return Err(error::usage("threads must be at least 1"));
        }
        let threads = settings.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let scanner = py.detach(|| settings.scanner())?;
        let names = Names::of(&scanner.classifier.lexicon().taxonomy);
        Ok(Scanner { scanner, names, threads, pool: Mutex::new(None) })
    }

    /// One text as a record in JSON.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the Python method")]
    fn assess(
        &self,
        py: Python<'_>,
        text: String,
        role_name: &str,
        lang: Option<String>,
        timestamp: Option<&str>,
        platform: &str,
        surface: Option<&str>,
        attachments: Vec<String>,
    ) -> PyResult<(String, bool)> {
        let mut conversation =
            Conversation::new(rows::platform(platform)?, surface.map(rows::surface).transpose()?, "");
        conversation.threaded = false;
        let mut message = Message::new(role(role_name)?, text);
        message.attachments = attachments;
        message.language = lang;
        if let Some(written) = timestamp {
            let known = time::from_text(written);
            let (at, local) =
                known.ok_or_else(|| error::usage(format!("`{written}` is no time like 2026-01-10T09:00:00Z")))?;
            (message.sent_at, message.local_time) = (Some(at), local);
        }
        offlimits::read::sink::settle_message(&mut message);
        if message.is_empty() {
            return Err(error::usage("there is no text"));
        }
        let mut scanner = self.scanner.clone();
        scanner.selection.roles = vec![message.role];
        conversation.messages.push(message);
        py.detach(|| {
            let (mut out, mut judged) = (Vec::new(), false);
            scanner.scan(&mut Scratch::default(), "", &conversation, &mut |event| {
                if let Event::Found(finding, message) = event {
                    judged = finding.assessment.judged;
                    record::write(&mut out, &finding, &self.names, scanner.evidence.then_some(message));
                }
            });
            String::from_utf8(out).map(|line| (line, judged)).map_err(|error| error::usage(error.to_string()))
        })
    }

    /// The records of a table.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the Python method")]
    fn assess_batch(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        columns: Columns,
        platform: &str,
        surface: Option<&str>,
        source: &str,
        aligned: bool,
    ) -> PyResult<Records> {
        let (platform, surface) = (rows::platform(platform)?, surface.map(rows::surface).transpose()?);
        let input = Input::of(data)?;
        // One thread is the caller's own: no other is started, as engines that count cores expect.
        let pool = (self.threads > 1).then(|| self.pool()).transpose()?;
        let shape = self.shape(aligned);
        py.detach(|| {
            let chunks = input.chunks().map_err(error::of_arrow)?;
            let table = Table::new(&chunks, &columns, platform, surface, source)?;
            let job = Job { scanner: &self.scanner, names: &self.names, pool: pool.as_deref(), shape };
            Ok(Records::new(job.run(&table)?, schema(shape)))
        })
    }

    /// The records of an export.
    fn scan(&self, py: Python<'_>, path: String, format: Option<&str>) -> PyResult<Scan> {
        let (pool, shape) = (self.pool()?, self.shape(false));
        py.detach(|| Scan::start(self.scanner.clone(), self.names.clone(), pool, path, format, shape))
    }

    /// What was found in a text and what became of it, in words.
    fn explain(&self, py: Python<'_>, text: &str, role_name: &str) -> PyResult<String> {
        let role = role(role_name)?;
        Ok(py.detach(|| explain(&self.scanner.classifier, text, role)))
    }

    /// Scores against gold rows, as JSON. `gold` holds names and JSON lines.
    fn eval(&self, py: Python<'_>, gold: Vec<(String, String)>, bootstrap: u32) -> PyResult<String> {
        let pool = self.pool()?;
        py.detach(|| {
            let rows = read_gold(&gold)?;
            let evaluate = || eval::evaluate(&self.scanner.classifier, &rows, bootstrap);
            let evaluation = pool.install(evaluate);
            serde_json::to_string(&evaluation).map_err(|error| error::usage(error.to_string()))
        })
    }

    /// Shares of records: a path, or a table. `gold` as for `eval`.
    fn prevalence(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        gold: Option<Vec<(String, String)>>,
        asked: Asked,
    ) -> PyResult<Records> {
        let path: Option<String> = data.extract().ok();
        let input = if path.is_none() { Some(Input::of(data)?) } else { None };
        let (survey, pool) = (Survey::from(asked), self.pool()?);
        py.detach(|| {
            let gold = gold.map(|gold| read_gold(&gold)).transpose()?;
            let chunks = input.map(Input::chunks).transpose().map_err(error::of_arrow)?.unwrap_or_default();
            let count = |counter: &mut Counter| match &path {
                Some(path) => lines::each_line(path, &mut |line, _| counter.add(&lines::record(line)?, line)),
                None => survey::count(counter, &chunks, &survey),
            };
            let found = pool.install(|| survey.take(&self.scanner.classifier, gold, count)).map_err(error::of)?;
            let shares = survey::table(&found.shares).map_err(error::of_arrow)?;
            let schema = shares.schema();
            Ok(Records::new(vec![shares], schema))
        })
    }

    /// SHA-256 over the lexicon's files.
    #[getter]
    fn lexicon_sha256(&self) -> &str {
        self.scanner.classifier.lexicon().sha256()
    }

    /// The thresholds in use, by category.
    #[getter]
    fn thresholds(&self) -> Vec<(&str, f32)> {
        let categories = &self.scanner.classifier.lexicon().taxonomy.categories;
        categories
            .iter()
            .map(|category| category.id.as_str())
            .zip(self.scanner.classifier.thresholds().iter().copied())
            .collect()
    }

    /// The languages that have a lexicon.
    #[getter]
    fn languages(&self) -> Vec<&str> {
        self.scanner.classifier.lexicon().tags().collect()
    }
}
