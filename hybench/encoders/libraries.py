"""Settings of the model libraries."""

from __future__ import annotations


def quiet_libraries() -> None:
    """Stop transformers and the hub client from printing bars and reports."""
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging

    disable_progress_bars()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
