"""The parameters that sharing, mail and advertising add to links of pages, which drop them."""

from paycite.questions.parameters import Texts

_PREFIXES = (
    *("utm_", "mtm_", "matomo_", "piwik_", "pk_"),  # campaigns of Google Analytics and Matomo
    *("hsa_", "_hs", "__hs", "hsct"),  # HubSpot
    *("oly_", "vero_", "guce_", "fb_", "_branch_", "elq"),  # newsletters, Yahoo, Facebook, Eloqua
)
_NAMES = frozenset(
    (
        # Google
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid"),
        *("srsltid", "_gl", "_ga"),
        # other networks
        *("fbclid", "igshid", "igsh", "mibextid", "msclkid", "ttclid", "twclid", "li_fat_id"),
        *("trk", "trackingid", "lipi", "rdt_cid", "epik", "sccid", "yclid", "ysclid", "_openstat"),
        *("irclickid", "wickedid", "s_cid", "cmpid", "spm", "si", "guccounter"),
        # newsletters
        *("mc_cid", "mc_eid", "mkt_tok", "ml_subscriber", "ml_subscriber_hash", "_kx"),
        *("ck_subscriber_id", "dm_i", "sms_ss"),
        # where a link was
        *("ref", "ref_src", "ref_url", "referrer"),
    )
)


def drop_shared(texts: Texts) -> dict[str, list[str]]:
    """Remove tracking parameters and empty form fields."""
    filled = {
        name: [text for text in found if text.strip()]
        for name, found in texts.items()
        if not is_tracking(name)
    }
    return {name: found for name, found in filled.items() if found}


def is_tracking(name: str) -> bool:
    """Return whether a name is in the list, in any case. No parameter of an address is."""
    lower = name.lower()
    return lower in _NAMES or lower.startswith(_PREFIXES)
