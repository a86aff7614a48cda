"""setWebhook and its kin: remember where updates go."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from bot.playground.errors import bad_request
from bot.playground.limits import SECRET_TOKEN
from bot.playground.params import Params
from bot.playground.state import Json, Webhook
from bot.playground.world import World


def set_webhook(world: World, params: Params) -> bool:
    url = params.text("url")
    if not url:
        return delete_webhook(world, params)
    _check_url(url)
    secret = params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not SECRET_TOKEN.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    most = params.number("max_connections", 40)
    remember_allowed(world, params)
    world.state.webhook = Webhook(
        url=url,
        secret_token=secret,
        max_connections=min(max(most, 1), 100),
        ip_address=params.text("ip_address"),
    )
    world.queue.interrupt()
    _moved(world, params)
    return True


def delete_webhook(world: World, params: Params) -> bool:
    world.state.webhook = Webhook()
    _moved(world, params)
    return True


def get_webhook_info(world: World, params: Params) -> Json:
    webhook = world.state.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.queue.expire()),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
        info["ip_address"] = webhook.ip_address or urlsplit(webhook.url).hostname
    if webhook.last_error_date:
        info["last_error_date"] = webhook.last_error_date
        info["last_error_message"] = webhook.last_error_message
    if world.state.allowed_updates:
        info["allowed_updates"] = world.state.allowed_updates
    return info


def remember_allowed(world: World, params: Params) -> None:
    """Kept from call to call; an empty list means the usual ones again."""
    allowed: Any = params.json("allowed_updates", "allowed updates")
    if isinstance(allowed, list):
        world.state.allowed_updates = [str(kind) for kind in allowed]


def _moved(world: World, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        world.queue.drop_all()
    world.webhook_changed()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
