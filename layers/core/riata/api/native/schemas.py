"""The request bodies of the contract, every bound of its schema. Unknown fields are ignored."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from riata.domain.media import MAX_FILE_BYTES
from riata.domain.options import Acceleration, OutputFormat
from riata.errors import InvalidRequest

MAX_SPANS = 1000
MAX_FILE_NAME = 1024
MAX_METADATA_BYTES = 16 * 1024


def _json_number(value: Any) -> Any:
    """JSON's numbers only: neither a string that looks like one, nor true, nor 1e400."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise ValueError("must be a number")
    return value


def _json_integer(value: Any) -> Any:
    """JSON Schema's integers: 2.0 is one."""
    value = _json_number(value)
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("must be a whole number")
    return int(value)


Number = Annotated[float, BeforeValidator(_json_number)]
Integer = Annotated[int, BeforeValidator(_json_integer)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class CreateFileRequest(_Body):
    """POST /v1/files."""

    file_name: Annotated[StrictStr, Field(max_length=MAX_FILE_NAME)]
    content_type: StrictStr
    file_size: Annotated[Integer, Field(ge=1, le=MAX_FILE_BYTES)]
    purpose: Literal["audio.separate.input"]


class AudioSpan(_Body):
    """A time-span hint, seconds."""

    start: Annotated[Number, Field(ge=0)]
    end: Annotated[Number, Field(ge=0)]
    include: StrictBool = True

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "AudioSpan":
        if self.end <= self.start:
            raise ValueError("`end` must be greater than `start`")
        return self


class AudioSeparateInput(_Body):
    """The input of a separation."""

    prompt: Annotated[StrictStr, Field(min_length=1, max_length=500)]
    audio_url: StrictStr | None = None
    file_id: StrictStr | None = None
    predict_spans: StrictBool = False
    reranking_candidates: Annotated[Integer, Field(ge=1, le=8)] = 1
    acceleration: Acceleration = Acceleration.BALANCED
    max_chunk_duration: Annotated[Number, Field(gt=0, le=300)] = 60.0
    chunk_overlap: Annotated[Number, Field(ge=0, le=30)] = 5.0
    output_format: OutputFormat = OutputFormat.WAV
    spans: Annotated[list[AudioSpan], Field(max_length=MAX_SPANS)] = Field(default_factory=list)
    seed: Annotated[int | None, BeforeValidator(_json_integer), Field(ge=0, lt=2**63)] = None

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            given = [name for name in ("audio_url", "file_id") if name in value]
            if len(given) != 1:
                raise ValueError("needs exactly one of `audio_url` and `file_id`")
            if value[given[0]] is None:
                raise ValueError(f"`{given[0]}` must be a string")
        return value


class SubmitAudioSeparateRequest(_Body):
    """POST /v1/queue/audio/separate."""

    input: AudioSeparateInput
    webhookUrl: StrictStr | None = None  # noqa: N815 - the contract's name
    webhookSecret: Annotated[StrictStr, Field(min_length=16, max_length=256)] | None = None  # noqa: N815
    metadata: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_null(cls, value: Any) -> Any:
        for name in ("webhookUrl", "webhookSecret", "metadata"):
            if isinstance(value, Mapping) and name in value and value[name] is None:
                raise ValueError(f"`{name}` must not be null; leave it out")
        return value


Model = TypeVar("Model", bound=_Body)


def parse(model: type[Model], body: Mapping[str, Any]) -> Model:
    """The checked body.

    Raises:
        InvalidRequest: naming the first parameter at fault.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _first_fault(error.errors(include_url=False)[0]) from None


def _first_fault(fault: ErrorDetails) -> InvalidRequest:
    path = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    return InvalidRequest(f"`{path}`: {message}." if path else f"{message}.", param=path or None)
