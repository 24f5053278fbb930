//! Tantivy as a yardstick: what tests/perf asks of $MEM_TANTIVY.
//!
//!     index [-p] [-t TOKENS] TEXT DIR
//!         Make an index of TEXT, a passage a line, by one thread, merged to
//!         one segment.  -p: with positions.  TOKENS: simple (alphanumeric
//!         runs in lower case, the default), english (the same, stemmed), or
//!         blank (what stands between blanks, as it is).
//!     query DIR QUERY
//!         The best ten, a line each: number of the passage (from 0), score.
//!         A cold process: open, search, print, exit.
//!     bench DIR QUERIES
//!         For each line "class TAB query": class TAB nanoseconds (the best
//!         of five, nothing printed between) TAB hits.
//!
//! A query is any of its words, each once, ranked by BM25.

use std::collections::HashSet;
use std::fs::{create_dir_all, File};
use std::io::{stdout, BufRead, BufReader, Write};
use std::process::exit;
use std::time::Instant;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions, FAST,
};
use tantivy::tokenizer::WhitespaceTokenizer;
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument,
    Term,
};

type Res<T> = Result<T, Box<dyn std::error::Error>>;

const MEMORY: usize = 800_000_000; // of the writer, before a segment is cut
const RUNS: usize = 5;
const HITS: usize = 10;

/// "blank" is no tokenizer of Tantivy's own; each process names it again.
fn name_tokenizers(index: &Index) {
    index
        .tokenizers()
        .register("blank", WhitespaceTokenizer::default());
}

fn build(text: &str, dir: &str, positions: bool, tokens: &str) -> Res<()> {
    let record = if positions {
        IndexRecordOption::WithFreqsAndPositions
    } else {
        IndexRecordOption::WithFreqs
    };
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokens)
        .set_index_option(record);
    let mut schema = Schema::builder();
    let field = schema.add_text_field(
        "text",
        TextOptions::default().set_indexing_options(indexing),
    );
    let number = schema.add_u64_field("number", FAST);

    create_dir_all(dir)?;
    let index = Index::create_in_dir(dir, schema.build())?;
    name_tokenizers(&index);
    let mut writer: IndexWriter = index.writer_with_num_threads(1, MEMORY)?;
    let lines = BufReader::with_capacity(1 << 20, File::open(text)?).lines();
    for (n, line) in lines.enumerate() {
        let mut doc = TantivyDocument::new();
        doc.add_text(field, line?);
        doc.add_u64(number, n as u64);
        writer.add_document(doc)?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    Ok(())
}

struct Asked {
    index: Index,
    searcher: Searcher,
    field: Field,
}

fn open(dir: &str) -> Res<Asked> {
    let index = Index::open_in_dir(dir)?;
    name_tokenizers(&index);
    let reader: IndexReader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?;
    let field = index.schema().get_field("text")?;
    Ok(Asked { searcher: reader.searcher(), index, field })
}

fn parse(asked: &Asked, query: &str) -> Res<Box<dyn Query>> {
    let mut tokens = asked.index.tokenizer_for_field(asked.field)?;
    let mut stream = tokens.token_stream(query);
    let mut seen = HashSet::new();
    let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();

    while let Some(token) = stream.next() {
        if !seen.insert(token.text.clone()) {
            continue;
        }
        let term = Term::from_field_text(asked.field, &token.text);
        let one = TermQuery::new(term, IndexRecordOption::WithFreqs);
        any.push((Occur::Should, Box::new(one)));
    }
    Ok(match any.len() {
        1 => any.remove(0).1,
        _ => Box::new(BooleanQuery::new(any)),
    })
}

fn query(dir: &str, text: &str) -> Res<()> {
    let asked = open(dir)?;
    let top = TopDocs::with_limit(HITS);
    let mut out = stdout().lock();

    for (score, doc) in asked.searcher.search(&*parse(&asked, text)?, &top)? {
        writeln!(out, "{} {:.4}", doc.doc_id, score)?;
    }
    Ok(())
}

fn bench(dir: &str, queries: &str) -> Res<()> {
    let asked = open(dir)?;
    let top = TopDocs::with_limit(HITS);
    let mut out = stdout().lock();

    for line in BufReader::new(File::open(queries)?).lines() {
        let line = line?;
        let (class, text) = line.split_once('\t').ok_or("no tab")?;
        let (mut best, mut hits) = (u128::MAX, 0);
        for _ in 0..RUNS {
            let start = Instant::now();
            let query = parse(&asked, text)?;
            hits = asked.searcher.search(&*query, &top)?.len();
            best = best.min(start.elapsed().as_nanos());
        }
        writeln!(out, "{class}\t{best}\t{hits}")?;
    }
    Ok(())
}

fn run(args: &[&str]) -> Res<()> {
    match args {
        ["index", rest @ ..] => {
            let (mut rest, mut positions, mut tokens) = (rest, false, "simple");
            loop {
                match rest {
                    ["-p", more @ ..] => (positions, rest) = (true, more),
                    ["-t", name, more @ ..] => (tokens, rest) = (name, more),
                    [text, dir] => {
                        let tokens = match tokens {
                            "simple" => "default",
                            "english" => "en_stem",
                            "blank" => "blank",
                            _ => return Err("no such tokens".into()),
                        };
                        return build(text, dir, positions, tokens);
                    }
                    _ => return Err("usage: index ... TEXT DIR".into()),
                }
            }
        }
        ["query", dir, text] => query(dir, text),
        ["bench", dir, queries] => bench(dir, queries),
        _ => Err("usage: ref-tantivy index|query|bench ...".into()),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();

    if let Err(e) = run(&args) {
        eprintln!("ref-tantivy: {e}");
        exit(2);
    }
}
