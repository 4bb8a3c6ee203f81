"""An endpoint's answer without a server."""

from collections.abc import Mapping
from typing import Any, cast

from paycite.web.endpoint import Ask, Endpoint


def ask_endpoint(endpoint: Endpoint, store: Any, texts: Mapping[str, list[str]]) -> Any:
    """Of an endpoint that needs no other datasets."""
    return endpoint.handler(
        Ask(
            path=endpoint.path,
            texts=texts,
            parameters=endpoint.parameters,
            store=store,
            datasets=cast("Any", None),
            base_url="http://localhost",
        )
    )
