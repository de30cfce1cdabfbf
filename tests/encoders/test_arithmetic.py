from __future__ import annotations

import numpy as np
import pytest

from hybench.encoders.arithmetic import Arithmetic, Work, arithmetic


def test_work_adds_up() -> None:
    one = Work.of(np.array([3, 4]))
    assert one == Work(2, 7, 25)
    assert one + Work.of(np.array([2])) - one == Work(1, 2, 4)


def test_a_transformer_by_hand() -> None:
    """6N a token, 12·L·d a pair of tokens: arXiv 2001.08361 and 2204.02311, appendix B."""
    whole = Arithmetic(
        8, layers=2, width=8, body=1000, reached_layers=2, reached=1000, trained=1000
    )
    work = Work(texts=2, tokens=7, squares=25)
    assert whole.forward(work) == 2 * 1000 * 7 + 4 * 2 * 8 * 25
    assert whole.training(work, 0) == 6 * 1000 * 7 + 12 * 2 * 8 * 25
    assert whole.training(work, 0, again=True) == whole.training(work, 0) + whole.forward(work)
    assert whole.training(work, 4) - whole.training(work, 0) == 6 * 8 * 4


def test_what_is_frozen_has_no_gradients() -> None:
    upper = Arithmetic(8, layers=2, width=8, body=1000, reached_layers=1, reached=500, trained=500)
    work = Work(texts=1, tokens=7, squares=49)
    assert upper.training(work, 0) == upper.forward(work) + 2 * 1000 * 7 + 8 * 8 * 49


def test_static_embeddings_are_additions() -> None:
    static = Arithmetic(16, table=16)
    work = Work(texts=2, tokens=7, squares=25)
    assert static.forward(work) == 16 * 7
    assert static.training(work, 4) == 2 * 16 * 7 + 6 * 16 * 4


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_it_agrees_with_what_torch_counts(frozen: int) -> None:
    """Matrix products of a small BERT, as torch's own counter has them."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30, hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=40,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    config._attn_implementation = "eager"
    network = BertModel(config, add_pooling_layer=False)

    class Words(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.auto_model = network

    model = SentenceTransformer.__new__(SentenceTransformer)
    torch.nn.Module.__init__(model)
    model.truncate_dim = None
    model.add_module("0", Words())
    model.add_module("1", Pooling(32))
    if frozen:
        network.embeddings.requires_grad_(False)
        for layer in network.encoder.layer[: frozen - 1]:
            layer.requires_grad_(False)
    length, texts = 20, 2
    known = arithmetic(model)
    work = Work.of(np.full(texts, length))
    ids = torch.randint(0, 30, (texts, length))
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        network(ids)
    with FlopCounterMode(display=False) as both:
        network(ids).last_hidden_state.sum().backward()
    # Biases and layer norms count as weights, and so do the gradients of a first layer's input.
    biases = 1.05 if not frozen else 1.1
    assert forward.get_total_flops() <= known.forward(work) <= biases * forward.get_total_flops()
    counted, told = both.get_total_flops(), known.training(work, 0)
    assert counted / biases <= told <= biases * counted
