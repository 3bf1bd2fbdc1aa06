"""The folder of a run: what is stored in it, and what follows from it.

    DIR/plans/HASH.json      what was fixed before training; the name is the hash of the content
    DIR/plans/HASH.tsr       a token of an authority for timestamps, if one was asked
    DIR/shards/KEY.parquet   everything measured on one replicate; KEY hashes setting, seed, schema
    DIR/curves, DIR/weights  what was asked for besides, a file a shard
    DIR/log.jsonl            what happened when: one event a line, with the hash of the line before
    DIR/run.lock             held by the run at work in the folder
    DIR/set-aside            files that were no whole result of this program
    DIR/report.html, verdicts.json, figures, tables: rebuilt from the above

What else lies there is left alone. A kill at any moment loses nothing that was finished: files are
written beside their place, flushed and renamed.
"""
