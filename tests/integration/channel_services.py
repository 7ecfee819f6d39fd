"""The services behind the channels, as far as their robots can tell. In: requests. Out: the services' own answers.

Each checks key, signature, time, shape, length and rate and says what the real one says. `now` is theirs: set it.
"""

import base64
import hashlib
import hmac
import json
from collections import deque
from types import TracebackType
from typing import Any

from aiohttp import web

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
TOKEN = "b1c2d3e4f5a60718293a4b5c6d7e8f90"
SECRET = "SECabcdef0123456789"
ROUTING_KEY = "R0123456789abcdef0123456789abcde"
HOUR_MS = 3_600_000


class Services:
    """A real aiohttp server; `sent` holds the parsed bodies by service, `incidents` what PagerDuty has open."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.sent: dict[str, list[Any]] = {}
        self.refused: list[str] = []
        self.incidents: dict[str, str] = {}
        self.port = 0
        self._heard: dict[str, deque[int]] = {}
        self._runner: web.AppRunner | None = None

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def __aenter__(self) -> "Services":
        app = web.Application()
        app.router.add_post("/cgi-bin/webhook/send", self._wecom)
        app.router.add_post("/robot/send", self._dingtalk)
        app.router.add_post("/open-apis/bot/v2/hook/{token}", self._feishu)
        app.router.add_post("/services/T0/B0/{token}", self._slack)
        app.router.add_post("/workflows/{token}", self._teams)
        app.router.add_post("/v2/enqueue", self._pagerduty)
        app.router.add_post("/sms", self._sms)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def _too_often(self, service: str, count: int, per_ms: int) -> bool:
        heard = self._heard.setdefault(f"{service} {per_ms}", deque())
        while heard and heard[0] + per_ms <= self.now:
            heard.popleft()
        heard.append(self.now)
        return len(heard) > count

    def _no(self, answer: dict[str, Any], status: int = 200) -> web.Response:
        self.refused.append(json.dumps(answer))
        return web.json_response(answer, status=status)

    def _took(self, service: str, body: Any) -> None:
        self.sent.setdefault(service, []).append(body)

    async def _wecom(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if request.query.get("key") != KEY:
            return self._no({"errcode": 93000, "errmsg": "invalid webhook url, hint: [1600], from ip: 10.0.0.1"})
        if self._too_often("wecom", 20, 60_000):
            return self._no({"errcode": 45009, "errmsg": "api freq out of limit, hint: [1600]"})
        if len(body["markdown"]["content"].encode()) > 4096:
            return self._no({"errcode": 40058, "errmsg": "markdown.content exceed max length 4096. invalid Request"})
        self._took("wecom", body)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _dingtalk(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if request.query.get("access_token") != TOKEN:
            return self._no({"errcode": 300001, "errmsg": "token is not exist"})
        at = request.query.get("timestamp", "")
        if not at or abs(int(at) - self.now) > HOUR_MS:
            return self._no({"errcode": 310000, "errmsg": "invalid timestamp"})
        right = hmac.new(SECRET.encode(), f"{at}\n{SECRET}".encode(), hashlib.sha256).digest()
        if request.query.get("sign") != base64.b64encode(right).decode():
            return self._no({"errcode": 310000, "errmsg": "sign not match"})
        if self._too_often("dingtalk", 20, 60_000):
            return self._no({"errcode": 130101, "errmsg": "send too fast"})
        if len(await request.read()) > 20_000 or not body["markdown"]["title"]:
            return self._no({"errcode": 400106, "errmsg": "params error"})
        self._took("dingtalk", body)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _feishu(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = json.loads(raw)
        if request.match_info["token"] != TOKEN:
            return self._no({"code": 19001, "data": {}, "msg": "param invalid: incoming webhook access token invalid"})
        seconds = body.get("timestamp", "0")
        right = base64.b64encode(hmac.new(f"{seconds}\n{SECRET}".encode(), b"", hashlib.sha256).digest()).decode()
        if body.get("sign") != right or abs(int(seconds) * 1000 - self.now) > HOUR_MS:
            text = "sign match fail or timestamp is not within one hour from current time"
            return self._no({"code": 19021, "data": {}, "msg": text})
        minute, second = self._too_often("feishu", 100, 60_000), self._too_often("feishu", 5, 1_000)
        if minute or second:
            return self._no({"code": 11232, "data": {}, "msg": "frequency limited"})
        if len(raw) > 20_480 or body["msg_type"] != "text" or not body["content"]["text"]:
            return self._no({"code": 9499, "data": {}, "msg": "Bad Request"}, status=400)
        self._took("feishu", body)
        return web.json_response({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    async def _slack(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if request.match_info["token"] != TOKEN:
            return web.Response(status=403, text="invalid_token")
        if self._too_often("slack", 1, 1_000):
            self.refused.append("429")
            return web.Response(status=429, text="rate_limited", headers={"retry-after": "30"})
        for block in body["blocks"]:
            if len(block["text"]["text"]) > (150 if block["type"] == "header" else 3000):
                return web.Response(status=400, text="invalid_blocks")
        self._took("slack", body)
        return web.Response(text="ok")

    async def _teams(self, request: web.Request) -> web.Response:
        raw = await request.read()
        (attachment,) = json.loads(raw)["attachments"]
        if request.match_info["token"] != TOKEN:
            error = {"code": "DirectApiAuthorizationRequired", "message": "The request must be authenticated"}
            return web.json_response({"error": error}, status=401)
        if len(raw) > 28_672 or attachment["content"]["type"] != "AdaptiveCard":
            return web.json_response({"error": {"code": "RequestEntityTooLarge"}}, status=413)
        self._took("teams", attachment["content"])
        return web.Response(status=202)

    async def _pagerduty(self, request: web.Request) -> web.Response:
        event = json.loads(await request.read())
        errors = []
        if event.get("routing_key") != ROUTING_KEY:
            errors.append("'routing_key' is invalid")
        if len(event.get("dedup_key", "")) > 255:
            errors.append("'dedup_key' is too long")
        payload = event.get("payload")
        if event["event_action"] == "trigger":
            if not payload or len(payload["summary"]) > 1024 or not payload["source"]:
                errors.append("'payload.summary' is missing or blank")
            elif payload["severity"] not in ("critical", "error", "warning", "info"):
                errors.append("'payload.severity' is invalid")
        if errors:
            answer = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
            return self._no(answer, status=400)
        key = event["dedup_key"]
        if event["event_action"] == "resolve":
            self.incidents.pop(key, None)
        else:
            self.incidents[key] = event["event_action"]
        self._took("pagerduty", event)
        return web.json_response({"status": "success", "message": "Event processed", "dedup_key": key}, status=202)

    async def _sms(self, request: web.Request) -> web.Response:
        """In the manner of a provider that answers 200 to everything."""
        body = json.loads(await request.read())
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._no({"Code": "SignatureDoesNotMatch", "Message": f"not {request.headers['authorization']}"})
        if self._too_often("sms", 1, 60_000):
            return self._no({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发分钟级流控"})
        self._took("sms", body)
        return web.json_response({"Code": "OK", "Message": "OK", "BizId": "1"})
