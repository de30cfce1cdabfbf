"""Your own data, from frames: training pairs in two languages, and queries with judgements."""

# %%
import polars as pl

import hybench

cities = pl.DataFrame(
    {
        "id": ["nairobi", "kampala", "dodoma", "kigali", "paris", "oslo", "rome", "lima"],
        "en": ["Kenya", "Uganda", "Tanzania", "Rwanda", "France", "Norway", "Italy", "Peru"],
        "sw": ["Kenya", "Uganda", "Tanzania", "Rwanda", "Ufaransa", "Norwei", "Italia", "Peru"],
    }
).unpivot(["en", "sw"], index="id", variable_name="language", value_name="country")

questions = cities.select(
    "language",
    query_id="id",
    source_id="id",  # one query in two languages: chance is counted once
    text=pl.when(pl.col("language") == "en")
    .then(pl.format("What is the capital of {}?", "country"))
    .otherwise(pl.format("Mji mkuu wa {} ni upi?", "country")),
)
passages = cities.select(
    "language",
    passage_id="id",
    source_id="id",
    text=pl.when(pl.col("language") == "en")
    .then(pl.format("{} has {} as its capital.", "country", pl.col("id").str.to_titlecase()))
    .otherwise(pl.format("{} ina mji mkuu uitwao {}.", "country", pl.col("id").str.to_titlecase())),
)

# %% Any frame that Polars can read will do: pandas, a mapping of columns, a list of rows.
mine = hybench.prepare(
    hybench.Frames(
        "capitals",
        passages=passages,
        queries=questions,
        qrels=questions.select("language", "query_id", passage_id="query_id"),
        pairs=questions.join(
            passages.rename({"text": "passage"}), on=["language", "source_id"]
        ).select("language", pair_id="source_id", query="text", passage="passage"),
        metrics=("RR@10", "nDCG@10"),
        licence="CC0-1.0",
    )
)
print(mine)

# %% A toy of eight pairs, trained on what it is asked: to see the way, not to conclude anything.
config = hybench.TrainConfig(
    data=("capitals",), steps=100, batch_size=8, vocabulary=400, dimension=32, validate_every=0
)
scores = hybench.evaluate(hybench.train(config, name="first"), mine)
print(scores.warnings)
hybench.evaluate("bm25", mine)
print(hybench.compare("runs"))
