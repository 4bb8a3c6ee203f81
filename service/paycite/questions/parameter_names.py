"""What people call the parameters, to suggest the one they mean."""

import re
from collections.abc import Collection

from paycite.match import nearest

# Other words for each parameter, in the singular. The name itself is one of its words.
_WORDS = {
    "role": "job title jobtitle position occupation profession career designation soc onet",
    "level": "seniority grade rank band tier ladder",
    "years": "experience tenure yoe exp yr",
    "metro": (
        "location loc place city town county state region area market geography geo country "
        "address zip zipcode postal postcode msa cbsa"
    ),
    "offer": "salary pay wage compensation comp amount income earning rate ask money",
    "range": "salary pay wage compensation comp amount offer",
    "period": "per unit interval frequency basis hourly annual",
    "source": "publisher provider origin survey",
    "dataset": "version release snapshot edition date",
    "age": "aging ageing inflate",
    "strict": "exact",
    "prefix": "query q search name",
    "limit": "count size top max",
    "after": "cursor offset page start",
    "by": "sort order metric",
    "theme": "color mode dark",
}
_PARAMETERS: dict[str, list[str]] = {}
for _name, _words in _WORDS.items():
    for _word in (_name, *_words.split()):
        _PARAMETERS.setdefault(_word, []).append(_name)


def suggest_parameters(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the parameters that a name means, else those spelled like it.

    The last word that has a meaning decides: `job_title` is a role, `jobLevel` a level,
    `city_name` a metro.
    """
    for word in reversed(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())):
        if word in known:
            return (word,)
        if meant := [one for one in _parameters(word) if one in known]:
            return tuple(meant)
    return nearest(name, known)


def _parameters(word: str) -> list[str]:
    """Return the parameters of a word, in the singular or plural."""
    singulars = (word, word.removesuffix("s"), re.sub("ies$", "y", word))
    return next((_PARAMETERS[one] for one in singulars if one in _PARAMETERS), [])
