"""The question of the bench in five lines: X-X, hybrid batches or distillation on the Atlas?

Some minutes on two cores; a notebook shows each result as a table.
"""

# %%
import hybench

atlas = hybench.prepare("atlas")
for arm in ({"alpha": 1.0}, {"alpha": 0.5}, {"strategy": "distill", "objective": "kl"}):
    run = hybench.train(hybench.TrainConfig(data=("atlas",), pivot="en", steps=300, **arm))
    hybench.evaluate(run, atlas)
comparison = hybench.compare("runs")

# %%
print(comparison)

# %% The same numbers as a Polars frame, one row per table, language and run.
low_resource = comparison.to_frame().filter(language="low-resource", metric="AP")
print(low_resource.select("setting", "run", "value", "difference", "low", "high", "p_holm"))

# %% What one of the models finds, in any language.
hybench.index("hybrid-s0", atlas, hybench.IndexOptions(exact=True))
print(hybench.search("mji mkuu wa Kenya", "hybrid-s0", atlas, languages=["sw", "en"], k=3))
