"""Logging in for a token, with few attempts a minute by address and by name."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class ByAddress(SimpleRateThrottle):
    """Attempts from one network address."""

    scope = "token_by_address"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Counted by the address that the outermost trusted server saw."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ByName(SimpleRateThrottle):
    """Attempts on one login name, wherever they come from."""

    scope = "token_by_name"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Counted by the name as typed; nothing is counted without one."""
        given = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(given, str) or not given:
            return None
        return self.cache_format % {
            "scope": self.scope,
            "ident": given.casefold()[:150].encode().hex(),
        }


class TokenShown(serializers.Serializer[Token]):
    """The token to send as `Authorization: Token …`."""

    token = serializers.CharField(source="key", read_only=True)


class TokenView(APIView):
    """Exchange a login name and a password for a token."""

    permission_classes = [AllowAny]
    # No session and no old token may stand in the way of logging in.
    authentication_classes: list[Any] = []
    throttle_classes = [ByAddress, ByName]

    @extend_schema(
        operation_id="token", request=AuthTokenSerializer, responses={200: TokenShown}, auth=[]
    )
    def post(self, request: Request) -> Response:
        """Give the person's token; it stays the same until it is withdrawn."""
        given = AuthTokenSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        token, _made = Token.objects.get_or_create(user=given.validated_data["user"])
        return Response(TokenShown(token).data)
