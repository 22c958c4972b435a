"""Where print files of letters go; a part of `app.settings.Settings`."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

BucketUrl = Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+/[^\s/?#]+(/[^\s?#]*)?$")]


class LetterSettings(BaseSettings):
    """A folder or a bucket; with neither, caseworkers print letters themselves."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    letter_folder: Path | None = None
    """Folder for print files of letters to exempt citizens; it must exist. Unset: none."""
    letter_bucket_url: BucketUrl | None = None
    """S3-compatible bucket instead of the folder: `https://host/bucket` or `.../bucket/prefix`."""
    letter_bucket_key_id: str | None = Field(default=None, repr=False)
    """Id of the bucket's access key."""
    letter_bucket_secret: SecretStr | None = None
    """The bucket's secret access key."""
    letter_bucket_region: str = Field(default="us-east-1", min_length=1)
    """Region that requests to the bucket are signed for; many compatible stores take any."""
    letter_keep_days: int = Field(default=30, ge=1, le=3650)
    """Days after its letter was noted as sent when a print file is taken away."""

    @property
    def prints_letters(self) -> bool:
        """Whether print files are written."""
        return self.letter_folder is not None or self.letter_bucket_url is not None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.letter_folder is not None and self.letter_bucket_url is not None:
            raise ValueError(
                "MINPLAN_LETTER_FOLDER and MINPLAN_LETTER_BUCKET_URL are not set together"
            )
        return self

    @model_validator(mode="after")
    def _bucket_has_keys(self) -> Self:
        if self.letter_bucket_url and not (self.letter_bucket_key_id and self.letter_bucket_secret):
            raise ValueError(
                "MINPLAN_LETTER_BUCKET_URL needs MINPLAN_LETTER_BUCKET_KEY_ID"
                " and MINPLAN_LETTER_BUCKET_SECRET"
            )
        return self

    def unsafe_letters(self) -> list[str]:
        """What production refuses."""
        if self.letter_bucket_url is None or self.letter_bucket_url.startswith("https://"):
            return []
        return ["MINPLAN_LETTER_BUCKET_URL must begin with https://: letters need TLS"]
