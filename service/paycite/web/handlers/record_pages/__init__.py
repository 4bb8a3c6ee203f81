"""The pages of records and lists. Each shows what the JSON of its address has."""

from paycite.web.endpoint import Endpoint
from paycite.web.handlers.record_pages import dataset, market, service, vocabularies

RECORD_PAGES: tuple[Endpoint, ...] = (
    *dataset.PAGES,
    *vocabularies.PAGES,
    *market.PAGES,
    *service.PAGES,
)
