"""XQuAD-R of LAReQA: questions in 11 languages, answered by one sentence each."""

from hybench.data.sources.xquad_r.source import SOURCE, XquadR

__all__ = ["SOURCE", "XquadR"]
