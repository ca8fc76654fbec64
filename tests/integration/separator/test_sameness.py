"""The same request gives the same bits in calls of the same shape, and nearly the same sound in calls of any other."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np
import pytest
from sound_files import read
from test_seams import EXAMPLE, summary_of

from riata.domain.options import Acceleration, SeparationOptions, Span
from riata.errors import ModelFailed
from riata_separator.separator import Chunk, JointSeparator, Metered, targets

TOLERANCE = 1e-4
"""Of full scale: what the shape of a call, and so the company of other requests, may change in float32."""

BFLOAT16_TOLERANCE_DB = -30.0
"""Level, relative to the target's, of what bfloat16 instead of float32 changes."""

PROMPTS = ("isolate the speaker", "the music", "separate the drums from the bass")


@pytest.fixture(scope="module")
def stereo() -> tuple[np.ndarray, int]:
    """Two windows of sound."""
    samples, rate = read(EXAMPLE)
    left = np.tile(samples[0], 2)[: 9 * rate].astype(np.float32)
    return np.stack([left, 0.7 * np.roll(left, 60)]), rate


def backend_of(module, experts=MappingProxyType({}), **settings):
    """The backend with a network of torch, with other settings, without experts unless they are named."""
    from riata_separator.backends.riata_small.backend import RiataSmall
    from riata_separator.backends.riata_small.networks.on_torch import TorchNetwork
    from riata_separator.compute import Compute, Runtime

    compute = replace(Compute(Runtime.TORCH, threads=1, batch=4), **settings)
    return RiataSmall(TorchNetwork(module, compute), compute, experts)


@pytest.fixture(scope="module")
def shipped():
    """The shipped network, of torch."""
    from riata_separator.backends.riata_small.networks.loading import load_network
    from riata_separator.packaged import WEIGHTS

    return load_network(WEIGHTS / "separator.safetensors")[0]


@pytest.fixture(scope="module", params=["onnx", "torch"])
def shipped_with_batch(request, on_onnx, shipped):
    """The backend with the shipped network on either runtime and without experts, by the size of its calls."""
    from riata_separator.backends.riata_small.backend import RiataSmall
    from riata_separator.compute import Compute, Runtime

    if request.param == "torch":
        return lambda batch: backend_of(shipped, batch=batch)
    return lambda batch: RiataSmall(on_onnx, Compute(Runtime.ONNX, threads=1, batch=batch))


@pytest.fixture(scope="module")
def on_onnx():
    from riata_separator.backends.riata_small.networks.on_onnx import OnnxNetwork
    from riata_separator.compute import Compute, Runtime
    from riata_separator.packaged import WEIGHTS

    return OnnxNetwork.load(WEIGHTS / "separator.safetensors", Compute(Runtime.ONNX, threads=1, batch=4))[0]


@pytest.fixture(scope="module", params=["class-separator", "class-network"])
def with_compute(request):
    """Backends with a narrow network of each kind, quick to compute, with random weights."""
    import torch

    from riata_separator.backends.riata_small.networks.class_network import ClassNetwork
    from riata_separator.backends.riata_small.networks.class_separator import ClassSeparator

    torch.manual_seed(3)
    narrow = {
        "class-separator": lambda: ClassSeparator(channels=(8, 8, 16), hidden=16, condition=8),
        "class-network": lambda: ClassNetwork((8, 8, 16, 16), 16, 8),
    }  # fmt: skip
    return partial(backend_of, narrow[request.param]())


@pytest.fixture(scope="module")
def network_alone(with_compute):
    return with_compute()


def alone(separator, sound: tuple[np.ndarray, int], options: SeparationOptions) -> np.ndarray:
    samples, rate = sound
    return separator.begin(options, summary_of(samples, rate)).target(Chunk(samples, 0), lambda: None)


def together(separator, sound: tuple[np.ndarray, int], several: list[SeparationOptions]) -> list[np.ndarray]:
    samples, rate = sound
    begun = [separator.begin(options, summary_of(samples, rate)) for options in several]
    return list(targets(separator, begun, Chunk(samples, 0), lambda: None))


def test_the_same_seed_gives_the_same_bits(network_alone, stereo):
    options = SeparationOptions(prompt="the music", seed=7)
    assert np.array_equal(alone(network_alone, stereo, options), alone(network_alone, stereo, options))


def test_the_same_seed_gives_the_same_bits_on_either_runtime(shipped_with_batch, stereo):
    options, separator = SeparationOptions(prompt="the music", seed=7), shipped_with_batch(4)
    assert np.array_equal(alone(separator, stereo, options), alone(separator, stereo, options))


def test_the_batch_shape_changes_the_target_by_less_than_the_stated_tolerance(shipped_with_batch, stereo):
    options = SeparationOptions(prompt="the music")
    usual, single = (alone(shipped_with_batch(batch), stereo, options) for batch in (4, 1))
    assert np.abs(single - usual).max() < TOLERANCE


def test_threads_change_nothing_but_the_shape_of_calls(on_onnx, stereo):
    """Windows are finished in any order and added up in theirs: the target and the confidence have the same bits every time."""
    from riata_separator.backends.riata_small.backend import RiataSmall
    from riata_separator.backends.riata_small.networks.on_onnx import OnnxNetwork
    from riata_separator.compute import Compute, Runtime
    from riata_separator.packaged import WEIGHTS

    (samples, rate), options = stereo, SeparationOptions("the music")
    sound = np.tile(samples, 4), rate
    compute = Compute(Runtime.ONNX, threads=4, batch=2)
    separator = RiataSmall(OnnxNetwork.load(WEIGHTS / "separator.safetensors", compute)[0], compute)

    def found() -> tuple[np.ndarray, float]:
        separation = separator.begin(options, summary_of(*sound))
        return separation.target(Chunk(sound[0], 0), lambda: None), separation.confidence()

    (target, confidence), (again, as_confident) = found(), found()
    assert np.array_equal(target, again)
    assert confidence == as_confident
    single = RiataSmall(on_onnx, Compute(Runtime.ONNX, threads=1, batch=4))
    assert np.abs(target - alone(single, sound, options)).max() < TOLERANCE


def test_prompts_together_give_what_each_gives_alone_without_torch_too(on_onnx, stereo):
    from riata_separator.backends.riata_small.backend import RiataSmall
    from riata_separator.compute import Compute, Runtime

    separator = RiataSmall(on_onnx, Compute(Runtime.ONNX, threads=1, batch=4))
    several = [SeparationOptions(prompt) for prompt in PROMPTS]
    for options, joint in zip(several, together(separator, stereo, several), strict=True):
        assert np.abs(joint - alone(separator, stereo, options)).max() < TOLERANCE


def test_prompts_together_give_what_each_gives_alone(network_alone, stereo):
    assert isinstance(network_alone, JointSeparator)
    several = [SeparationOptions(prompt) for prompt in PROMPTS]
    for options, joint in zip(several, together(network_alone, stereo, several), strict=True):
        assert np.abs(joint - alone(network_alone, stereo, options)).max() < TOLERANCE


def test_each_keeps_its_own_options_in_company(network_alone, stereo):
    several = [
        SeparationOptions("the music", acceleration=Acceleration.FAST),
        SeparationOptions("the music", acceleration=Acceleration.QUALITY),
        SeparationOptions("the music", spans=(Span(2.0, 4.0),)),
    ]
    joint = together(network_alone, stereo, several)
    assert not np.array_equal(joint[0], joint[1])
    for options, target in zip(several, joint, strict=True):
        assert np.abs(target - alone(network_alone, stereo, options)).max() < TOLERANCE


def test_the_same_company_gives_the_same_bits(network_alone, stereo):
    several = [SeparationOptions(prompt) for prompt in PROMPTS]
    for first, second in zip(together(network_alone, stereo, several), together(network_alone, stereo, several), strict=True):
        assert np.array_equal(first, second)


def test_prompts_together_encode_every_window_once(with_compute, stereo):
    separator, encoded = with_compute(), []
    encode = separator.model._encode
    separator.model._encode = lambda specs: encoded.append(len(specs)) or encode(specs)
    alone(separator, stereo, SeparationOptions("the music"))
    windows = sum(encoded)
    encoded.clear()
    together(separator, stereo, [SeparationOptions(prompt) for prompt in PROMPTS])
    assert sum(encoded) == windows


def test_experts_listen_once_for_all_prompts(network_alone, stereo):
    heard = []

    class Expert:
        name, sample_rate, context = "voice", 44_100, 0.5

        def estimate(self, mixture, start, total, checkpoint):
            heard.append(mixture.shape)
            return mixture * np.float32(0.5)

    separator = backend_of(network_alone.network.module, {"voice": Expert()})
    together(separator, stereo, [SeparationOptions("isolate the singer"), SeparationOptions("the drums")])
    assert len(heard) == 1


def test_requests_on_other_files_share_calls_and_hardly_change_the_sound(with_compute, stereo):
    samples, rate = stereo
    separator = with_compute(batch=16)
    pieces = [(samples[:, k * rate : (k + 6) * rate], rate) for k in range(3)]
    wishes = [SeparationOptions(prompt) for prompt in PROMPTS]
    expected = [alone(separator, piece, options) for piece, options in zip(pieces, wishes, strict=True)]
    before = separator.workload()
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda piece, options: alone(separator, piece, options), pieces, wishes))
    after = separator.workload()
    assert isinstance(separator, Metered)
    assert after.items - before.items == before.items
    for one, other in zip(found, expected, strict=True):
        assert np.abs(one - other).max() < TOLERANCE


def test_an_answer_depends_on_its_own_window_and_the_shape_of_the_call_alone(with_compute):
    """With calls of one shape, whoever else is in them changes not one bit."""
    import torch

    from riata_separator.backends.riata_small.model import Question

    separator = with_compute(batch=4)
    classes = len(separator.network.classes)
    random = torch.Generator().manual_seed(1)
    question = Question(torch.zeros(classes), torch.eye(classes)[:3])
    specs = torch.complex(*torch.randn(2, 7, 1, 1025, 200, generator=random))
    with torch.inference_mode():
        first = separator.model.shares(specs[:4], [question])
        second = separator.model.shares(torch.stack([specs[0], *specs[4:]]), [question])
    assert torch.equal(first[0][0], second[0][0])


def test_different_questions_in_one_call_get_each_its_own_answer(with_compute):
    import torch

    from riata_separator.backends.riata_small.model import Question, _Window

    separator = with_compute()
    classes = len(separator.network.classes)
    random = torch.Generator().manual_seed(2)
    specs = torch.complex(*torch.randn(2, 3, 2, 1025, 200, generator=random))
    questions = [
        Question(torch.eye(classes)[k], torch.eye(classes)[: k + 2]) for k in range(3)
    ]  # fmt: skip
    with torch.inference_mode():
        mixed = separator.model._answered([_Window(s, [q]) for s, q in zip(specs, questions, strict=True)])
        single = [separator.model._answered([_Window(s, [q])]) for s, q in zip(specs, questions, strict=True)]
    for k, ((answer,), [[own]]) in enumerate(zip(mixed, single, strict=True)):
        assert answer.shape == own.shape == (k + 2, 2, 1025, 200)
        torch.testing.assert_close(answer, own, atol=1e-5, rtol=0)


def test_bfloat16_changes_little(shipped, stereo):
    options = SeparationOptions("isolate the speaker")
    exact, rough = (alone(backend_of(shipped, precision=name), stereo, options) for name in ("float32", "bfloat16"))
    assert not np.array_equal(exact, rough)
    assert 10 * np.log10(np.square(exact - rough).sum() / np.square(exact).sum()) < BFLOAT16_TOLERANCE_DB


def out_of_memory_above(separator, rows: int):
    """The network runs out of memory when more windows of one channel come at once."""
    import torch

    encode = separator.model._encode

    def encode_few(specs):
        if specs.shape[0] * specs.shape[1] > rows:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return encode(specs)

    separator.model._encode = encode_few
    return separator


def test_out_of_memory_costs_time_and_not_the_request(with_compute, stereo, capsys):
    options = SeparationOptions("the music")
    usual = alone(with_compute(batch=16), stereo, options)
    separator = out_of_memory_above(with_compute(batch=16), 2)
    assert np.abs(alone(separator, stereo, options) - usual).max() < TOLERANCE
    assert separator.model.windows_per_call(2) == 1
    assert "out of memory" in capsys.readouterr().out


def test_memory_for_not_even_one_window_fails_the_request_with_its_code(with_compute, stereo):
    separator = out_of_memory_above(with_compute(), 0)
    with pytest.raises(ModelFailed, match="memory"):
        alone(separator, stereo, SeparationOptions("the music"))


def test_experts_that_only_another_prompt_asks_have_no_say(network_alone, stereo):
    class Expert:
        sample_rate, context = 44_100, 0.5

        def __init__(self, name: str) -> None:
            self.name = name

        def estimate(self, mixture, start, total, checkpoint):
            return mixture * np.float32(0.5)

    experts = {name: Expert(name) for name in ("voice", "speech")}
    separator = backend_of(network_alone.network.module, experts)
    several = [SeparationOptions("the drums"), SeparationOptions("isolate the speaker")]
    asked = [set(separator.begin(o, summary_of(*stereo)).report()["experts"]) - {"ear"} for o in several]
    assert asked == [{"voice"}, {"voice", "speech"}]
    for options, joint in zip(several, together(separator, stereo, several), strict=True):
        assert np.abs(joint - alone(separator, stereo, options)).max() < TOLERANCE
