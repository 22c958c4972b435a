"""The providers that the settings name, ready to send."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from app.channels.breaker import Breaker, State
from app.channels.email import EmailChannel
from app.channels.providers import Provider, Providers
from app.channels.sms import SmsChannel
from app.channels.web import gateway_session
from app.domain.notice import Channel
from app.message_settings import DEVELOPMENT_TOKEN
from app.settings import Settings, SettingsError, env_name
from app.workers import metrics

SMS, SMS_FALLBACK, EMAIL = "sms", "sms_fallback", "email"
"""The providers' names in the ledger and in the metrics."""


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[Mapping[Channel, Providers]]:
    """The providers of each channel; without a URL, the sinks that the API hosts in development.

    Raises SettingsError, which repeats no value.
    """
    async with AsyncExitStack() as stack:
        try:
            email = _email(settings, stack)
            sms = [await _sms(settings, stack)]
            if settings.sms_fallback_url is not None:
                sms.append(await _sms_fallback(settings, settings.sms_fallback_url, stack))
        except ValueError as error:
            raise SettingsError(f"The worker's channels cannot be used: {error}.") from None
        yield {
            Channel.SMS: Providers(sms, _tell_state),
            Channel.EMAIL: Providers([email], _tell_state),
        }


async def _sms(settings: Settings, stack: AsyncExitStack) -> Provider:
    token = settings.sms_token.get_secret_value() if settings.sms_token else DEVELOPMENT_TOKEN
    url = settings.sms_url or settings.public_base_url
    return await _gateway(settings, stack, SMS, url, token, settings.sms_sender)


async def _sms_fallback(settings: Settings, url: str, stack: AsyncExitStack) -> Provider:
    assert settings.sms_fallback_token is not None
    token = settings.sms_fallback_token.get_secret_value()
    sender = settings.sms_fallback_sender or settings.sms_sender
    return await _gateway(settings, stack, SMS_FALLBACK, url, token, sender)


async def _gateway(
    settings: Settings, stack: AsyncExitStack, name: str, url: str, token: str, sender: str
) -> Provider:
    # Twice as many connections as messages: notices and one-time codes have a courier each.
    client = await stack.enter_async_context(gateway_session(2 * settings.sms_at_once))
    callback_url = f"{settings.public_base_url}/callbacks/sms"
    channel = SmsChannel(
        client,
        url=url,
        token=token,
        sender=sender,
        # A report that nobody can check is not asked for.
        callback_url=callback_url if settings.sms_callback_secret else None,
    )
    return Provider(name, channel, Breaker(), settings.sms_at_once, settings.sms_per_second)


def _email(settings: Settings, stack: AsyncExitStack) -> Provider:
    url = settings.smtp_url
    if url is None and settings.mail_sink_port is not None:
        url = f"smtp://127.0.0.1:{settings.mail_sink_port}"
    if url is None:
        raise SettingsError(
            f"The worker needs {env_name('smtp_url')} (or {env_name('mail_sink_port')}, where the"
            " API of `minplan up` takes mail in development)."
        )
    channel = EmailChannel(smtp_url=url, sender=settings.mail_from, sessions=settings.email_at_once)
    stack.push_async_callback(channel.aclose)
    return Provider(EMAIL, channel, Breaker(), settings.email_at_once, settings.email_per_second)


def _tell_state(name: str, state: State) -> None:
    metrics.PROVIDER_STATE.labels(name).set(state)
