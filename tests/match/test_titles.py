"""Titles as in advertisements. Names and typos are in test_match.py."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from paycite import seeds
from paycite.backtest.match_report import LABELED, Outcome, coverage, outcomes
from paycite.match import Vocabulary
from paycite.match.amounts import AmountError, parse_pay
from paycite.match.other_work import CONTRACTOR, PART_TIME
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.seeds import SeedError
from support.questions import read_faults
from support.seeded import SEEDED

TUNED = LABELED[0]
NAMES = [name for role in SEEDED.roles for name in (role.title, *role.titles)]


@pytest.fixture(scope="module")
def tuned(names: Vocabulary, snapshot: Snapshot) -> list[Outcome]:
    return outcomes(TUNED, names, snapshot)


def test_labeled_titles_are_parsed_as_labeled(tuned: list[Outcome]) -> None:
    wrong = [outcome for outcome in tuned if outcome.verdict.startswith("wrong")]
    assert len(tuned) >= 320
    assert len(wrong) <= 0.01 * len(tuned), "\n".join(map(str, wrong))
    assert coverage(tuned)[0].count >= 0.86 * coverage(tuned)[0].of


@pytest.mark.parametrize(
    ("title", "role", "level"),
    [
        # What stands before the name, after it, and around it.
        ("Azure Data Engineer", "data-engineer", None),
        ("Senior Staff Machine Learning Engineer, Ads (US) - $250k", "ai-ml-engineer", "staff"),
        ("#10049 - Sr. Data Scientist", "data-scientist", "senior"),
        ("PwC Labs- Data Engineer", "data-engineer", None),
        ("Data Analyst II, New Verticals", "data-analyst", "mid"),
        ("Lead MLOps/Platform", "mlops", "senior"),
        ("Data Engineer Senior Backend", "data-engineer", "senior"),
        ("Data Analyst with PowerBI expertise", "data-analyst", None),
        # A qualifier put after, or elsewhere.
        ("Software Engineer - Machine Learning Infrastructure", "mlops", None),
        ("Senior Software Engineer, Machine Learning Ranking", "ai-ml-engineer", "senior"),
        ("Manager, Data Engineering (Python)", "engineering-manager", None),
        ("Senior Software Development Engineer in Test, Xbox", "qa-engineer", "senior"),
        # The same job twice.
        ("Lead Data Analyst/Senior Data Analyst", "data-analyst", "senior"),
        ("AI/ML Eng II", "ai-ml-engineer", "mid"),
        ("SDE2 - Payments", "software-engineer", "mid"),
        # Level words that mean no level, and a step within a level.
        ("Data Analyst, Lead Generation", "data-analyst", None),
        ("Customer Experience Data Analyst", "data-analyst", None),
        ("Senior Software Engineer I", "software-engineer", "senior"),
        # As people write them.
        ("Sr. ML Ops Eng", "mlops", "senior"),
        ("Machine Learning Engineer III", "ai-ml-engineer", "senior"),
        ("FDE", "forward-deployed-engineer", None),
        ("Responsible AI Governance Lead", "ai-governance-specialist", "senior"),
        ("LLM Prompt Engineer (Remote)", "prompt-engineer", None),
        ("AI/ML Eng II", "ai-ml-engineer", "mid"),
        ("Senior Staff Prompt Engineer", "prompt-engineer", "staff"),
        ("Engineer, Machine Learning", "ai-ml-engineer", None),
        ("senoir mlops engineer", "mlops", "senior"),
        ("MLOps Engineer IC4", "mlops", "senior"),
        ("Prompt Engineer 2 (contract)", "prompt-engineer", "mid"),
        ("Forward-Deployed  Engineer - New Grad", "forward-deployed-engineer", "entry"),
        ("Principal AI Engineer", "ai-ml-engineer", "principal"),
        # A level anywhere.
        ("Senior Machine Learning (ML) Engineer", "ai-ml-engineer", "senior"),
        ("Junior Quality Assurance [QA] Engineer", "qa-engineer", "entry"),
        ("Senior Software (Backend) Engineer", "software-engineer", "senior"),
        ("Engineer, Senior Machine Learning", "ai-ml-engineer", "senior"),
        ("II Software Engineer", "software-engineer", "mid"),
        ("Software Engineer, New College Grad 2026", "software-engineer", "entry"),
        ("University Grad PhD Software Engineer", "software-engineer", "entry"),
        ("Software Engineer, PhD New Grads", "software-engineer", "entry"),
        ("Software Engineer, University Hire", "software-engineer", "entry"),
        ("Assoc. Data Engineer", "data-engineer", "entry"),
        ("Princ Software Engineer", "software-engineer", "principal"),
        ("Software Engineer, Web 3", "software-engineer", None),
        ("Sensor Data Scientist", "data-scientist", None),
        ("Software Engineer, Sensor Fusion", "software-engineer", None),
        ("Software Engineer, Expert Systems", "software-engineer", None),
        ("Senior Data Scientist, 7+ Years Experience", "data-scientist", "senior"),
        # Digits of codes and versions are not a level.
        ("Data Analyst - 4417.2", "data-analyst", None),
        ("Data Engineer II (2290.4415)", "data-engineer", "mid"),
        ("Systems Analyst 15-1211.00", "systems-analyst", None),
        ("QA Engineer/ 01.2.3", "qa-engineer", None),
        ("Java 8 Developer", "software-engineer", None),
        ("Senior Angular 9 Developer", "software-engineer", "senior"),
        # Roles of information technology.
        ("Senior Programmer/Analyst", "computer-programmer", "senior"),
        ("Network Administrator II", "systems-administrator", "mid"),
        ("Network Engineer - Wireless", "network-engineer", None),
        ("IT Business Analyst", "business-analyst", None),
        ("Computer Systems Analysts", "systems-analyst", None),
        ("Sr. Solution Architect", "solutions-architect", "senior"),
        ("Cloud Data Architect", "data-architect", None),
        ("Product Manager III - Technical", "product-manager", "senior"),
        ("Staff Technical Program Manager", "technical-program-manager", "staff"),
        ("IT Project Managers - IV", "project-manager", "senior"),
        ("Manager, Data Science", "data-science-manager", None),
        ("Business Intelligence Engineer I", "business-intelligence-engineer", "entry"),
        ("Front-End Developer (Vue)", "software-engineer", None),
        ("System Engineer", "systems-engineer", None),
        ("Test Engineer II", "qa-engineer", "mid"),
        ("Full Stack Developer (ML and Cloud)", "software-engineer", None),
        ("Senior TPM", "technical-program-manager", "senior"),
        ("Sr DS", "data-scientist", "senior"),
        # "Developer" and "engineer" of one field.
        ("AI Full Stack Developer", "ai-ml-engineer", None),
        ("AI Agent Developer", "ai-ml-engineer", None),
        # Subjects of research.
        ("Research Scientist, Post-Training", "ml-researcher", None),
        ("Senior Research Engineer, RL", "ml-researcher", "senior"),
        ("Research Engineer / Scientist, Alignment Science", "ml-researcher", None),
        # A grade after a role.
        ("Software Engineer Specialist", "software-engineer", None),
        ("Data Scientist, Senior Consultant", "data-scientist", "senior"),
        ("Senior Consultant, Data Scientist", "data-scientist", "senior"),
        ("ML Engineer Consultant II", "ai-ml-engineer", "mid"),
        ("Specialist I - Data Science", "data-scientist", "entry"),
        ("Bigdata Developer", "data-engineer", None),
        # "AI/ML" is one field, and tools are no field.
        ("AI/ML Data Engineer", "data-engineer", None),
        ("Python/AWS Data Engineer", "data-engineer", None),
        ("AI/ML Project Manager", "project-manager", None),
        # Jobs in the subject of another part.
        ("Software Engineer, Driver Experience", "software-engineer", None),
        ("Software Engineer, Eng Productivity", "software-engineer", None),
        ("Software Engineer, Developers Platform", "software-engineer", None),
        ("AI Engineer, Physical AI", "ai-ml-engineer", None),
        # Leads without a job.
        ("ML Tech Lead", "ai-ml-engineer", "senior"),
        ("Technical Lead - Machine Learning", "ai-ml-engineer", "senior"),
        ("Backend Tech Lead (Remote)", "software-engineer", "senior"),
        ("Machine Learning Lead", "ai-ml-engineer", "senior"),
        ("AI Team Lead", "ai-ml-engineer", "senior"),
        ("AI Product Lead", "ai-product-manager", "senior"),
        ("RL Engineer", "ai-ml-engineer", None),
        ("Inference Engineer", "ai-ml-engineer", None),
        ("LLM Agents Engineer", "ai-ml-engineer", None),
        ("RAG Developer", "ai-ml-engineer", None),
        ("Senior Deep Learning Compiler Engineer", "ai-ml-engineer", "senior"),
        ("Research Engineer, RLHF", "ml-researcher", None),
        ("Research Engineer, Inference", "ml-researcher", None),
        ("BIE II", "business-intelligence-engineer", "mid"),
        # The level of a grade after a role, and of a member of technical staff.
        ("Software Engineer Sr. Advisor", "software-engineer", "senior"),
        ("Senior Member of Technical Staff, Software Engineer", "software-engineer", "senior"),
        ("Data Engineer, Principal Member of the Technical Staff", "data-engineer", "principal"),
        ("Member of Technical Staff, Software Engineering", "software-engineer", None),
        # Initials of the role before a numeral.
        ("Data Engineer (DE2)", "data-engineer", "mid"),
        ("Data Scientist DS-3", "data-scientist", "senior"),
        ("Software Engineer SWE3", "software-engineer", "senior"),
        ("Machine Learning Engineer MLE3", "ai-ml-engineer", "senior"),
        ("Data Analyst (DA II)", "data-analyst", "mid"),
        ("SDE II", "software-engineer", "mid"),
        ("Software Developer - SDV", "software-engineer", None),
        # Tools, versions and codes of jobs that only look like codes of levels.
        ("Software Engineer, EC2", "software-engineer", None),
        ("Data Engineer (S3)", "data-engineer", None),
        ("Software Engineer, K8S", "software-engineer", None),
        ("Software Engineer, H100", "software-engineer", None),
        ("Data Scientist (R4DS)", "data-scientist", None),
        ("Software Engineer (Angular v12)", "software-engineer", None),
        ("Product Manager (C2-8589126)", "product-manager", None),
        ("Data Engineer-Master Data Management", "data-engineer", None),
    ],
)
def test_a_role_is_found_among_other_words(
    names: Vocabulary, title: str, role: str, level: str | None
) -> None:
    (read, match), said = names.parse_title(title)
    assert (read.id, match.query) == (role, title)
    assert (said[0].id if said else None) == level


@pytest.mark.parametrize(
    "title",
    [
        "Software Engineer Intern",
        "Data Engineer - Vice President",
        "Director of Data Science",
        "Recruiter, Machine Learning",
        "Civil Engineering Manager",
        "CNC Programmer",
        "Data Center Engineer",
        "Research Scientist, Oncology",
        "Biostatistician / Data Scientist",
        "Volunteer Data Scientist",
        "UI Engineer",
        "Sales Engineer",
        "Financial Analyst",
        "Data Engineering Intern",
        "Senior",
        "Staff Engineer",
        # Of other trades.
        "Construction Project Manager",
        "Power Systems Engineer",
        "Bioengineer",
        "Hardware Test Engineer",
        "Systems Engineer, Avionics",
        "Engineering Manager, Propulsion",
        "Applied Scientist, Chemistry",
        "Leak Detection Engineer",
        "Presales Solutions Architect",
        "Pre-Sales Solutions Architect",
        # An unknown word stands in the name of an AI engineer, but no other job's or trade's.
        "AI Sales Engineer",
        "AI Hardware Engineer",
        "ML Test Engineer",
        "AI Support Engineer",
        "Research Scientist, Oncology Reasoning",
        "Sales Lead",
        "Tech Lead",
        "Data Lead",
        "Analytics Team Lead",
        "AI Strategy Lead",
        "GenAI Adoption Lead (Remote)",
        "AI Practice Tech Lead",
        "Product Lead",
        "Data Product Owner",  # paid less than a product manager
        "Project Manager/Scrum Master",
        "Data Engineer - Product Specialist",
        *(f"AI {field} Engineer" for field in ("GTM", "Legal", "Finance", "Procurement", "Audit")),
        *(f"AI {field} Engineer" for field in ("Curriculum", "Thermal", "Optics", "Rack")),
        *(f"AI {field} Engineer" for field in ("Communications", "Adoption", "Success")),
    ],
)
def test_another_job_is_refused_as_unknown(names: Vocabulary, title: str) -> None:
    assert read_faults(names.parse_title, title)[0].type == "unknown-role"


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("Data Scientist / Data Engineer", ("data-engineer", "data-scientist")),
        ("Data/Cloud Engineer (Remote)", ("data-engineer", "devops-engineer")),
        ("Member of Technical Staff", ("ml-researcher", "software-engineer")),
        ("Sr. Data Science Engineer, Ads", ("data-engineer", "data-scientist")),
        ("Software Engineer - AI Trainer", ("data-annotator", "software-engineer")),
        ("DevOps/Security Engineer", ("devops-engineer", "security-engineer")),
        ("Network & Security Engineer", ("network-engineer", "security-engineer")),
        ("Senior PM", ("product-manager", "project-manager", "technical-program-manager")),
        ("Senior ML/MLOps Engineer", ("ai-ml-engineer", "mlops")),
        ("Software Engineer, DevOps/Security", ("devops-engineer", "security-engineer")),
        ("QA / Software Engineer", ("qa-engineer", "software-engineer")),
        # Levels that contradict each other.
        ("Junior AI Engineer III", ("senior", "entry")),
        ("Associate Principal AI Engineer", ("principal", "entry")),
        ("Senior/Principal AI Engineer", ("principal", "senior")),
    ],
)
def test_a_title_of_two_roles_or_levels_is_refused_with_both(
    names: Vocabulary, title: str, ids: tuple[str, ...]
) -> None:
    (fault,) = read_faults(names.parse_title, title)
    assert (fault.type, fault.suggestions) == ("ambiguous-title", ids)


@pytest.mark.parametrize(
    ("title", "words", "parameter"),
    [
        ("Software Engineer 6", "'6'", "level"),
        ("Software Engineer VI (Remote)", "'VI'", "level"),
        ("Software Engineer 5/6", "'6'", "level"),
        ("Software Engineer, L9", "'L9'", "level"),
        ("Level 6 Software Engineer", "'Level 6'", "level"),
        ("Software Engineer Lvl 3", "'Lvl 3'", "level"),
        ("SOC Analyst Tier 2", "'Tier 2'", "level"),
        ("Data Scientist GS-12", "'GS-12'", "level"),
        ("3 Data Engineers", "'3'", "level"),
        ("Azure II Data Engineer", "'II'", "level"),
        ("Data Scientist, Phase III Trials", "'III'", "level"),
        ("Data Scientist, Lead Scoring", "'Lead'", "level"),
        ("Software Engineer, Payments 3", "'3'", "level"),
        ("MTS 1, Software Engineer", "'MTS 1'", "level"),
        ("MTS1, Software Engineer", "'MTS1'", "level"),
        ("SMTS 2, Software Engineer", "'SMTS 2'", "level"),
        ("Software Engineer ICT4", "'ICT4'", "level"),
        ("Software Engineer, G6", "'G6'", "level"),
        ("Journeyman Data Analyst", "'Journeyman'", "level"),
        ("Software Architect - Expert", "'Expert'", "level"),
        ("Expert DevOps Engineer", "'Expert'", "level"),
        ("Master Data Engineer", "'Master'", "level"),
        ("Software Engineer - Master", "'Master'", "level"),
        ("Software Engineer S4", "'S4'", "level"),
        ("Software Engineer JG9 - Payments", "'JG9'", "level"),
        ("Software Engineer (CL10)", "'CL10'", "level"),
        ("Software Engineer T4a", "'T4a'", "level"),
        ("Data Engineer, Payments C11", "'C11'", "level"),
        ("Machine Learning Engineer ML3", "'ML3'", "level"),
        ("Software Engineer Lv3", "'Lv3'", "level"),
        ("Software Engineer Career Level 4", "'Level 4'", "level"),
        ("Software Engineer, Payments L4", "'L4'", "level"),
        ("Associate Manager, Data Science", "'Associate'", "level"),
        ("Associate Engineering Manager", "'Associate'", "level"),
        ("Data Engineer (5+ years experience)", "'5+ years'", "years"),
        ("Data Engineer 0-2  yrs", "'0-2 yrs'", "years"),
    ],
)
def test_level_like_text_that_is_not_a_known_level_is_refused(
    names: Vocabulary, snapshot: Snapshot, title: str, words: str, parameter: str
) -> None:
    (fault,) = read_faults(names.parse_title, title)
    assert (fault.type, fault.parameter) == ("unknown-level", "role")
    assert words in fault.detail and f"use the `{parameter}` parameter" in fault.detail
    assert fault.suggestions == tuple(
        sorted(snapshot.levels, key=lambda id_: snapshot.levels[id_].rank)
    )


@pytest.mark.parametrize(
    "title",
    ["Data Engineer 2 year contract", "Data Engineer, 2 days onsite", "Data Engineer (24/7)"],
)
def test_a_length_of_time_is_not_a_level(names: Vocabulary, title: str) -> None:
    (role, _), level = names.parse_title(title)
    assert (role.id, level) == ("data-engineer", None)


@pytest.mark.parametrize(
    ("title", "level", "others"),
    [
        ("Senior/Staff Software Engineer", "staff", ("senior",)),
        ("Senior or Staff Software Engineer", "staff", ("senior",)),
        ("Software Engineer (II or III)", "senior", ("mid",)),
        ("Computer Programmer 2-4", "senior", ("mid",)),
        ("Mid-Senior level Data Engineer", "senior", ("mid",)),
        ("Senior Staff Software Engineer", "staff", ()),
    ],
)
def test_of_adjacent_levels_the_higher_wins_and_the_other_is_an_alternative(
    names: Vocabulary, title: str, level: str, others: tuple[str, ...]
) -> None:
    _, said = names.parse_title(title)
    assert said
    assert (said[0].id, said[1].alternatives) == (level, others)
    assert said[1].score == (90 if others else 100)


@pytest.mark.parametrize(
    ("title", "ours"),
    [
        ("Engineering Manager - Civil", "Software Engineering Manager - Civil"),
        ("Infrastructure Engineer - Highways", "DevOps Engineer - Highways"),
        ("Security Analyst - Equity Research", "Cybersecurity Analyst - Equity Research"),
        ("Food QA Engineer", "Food Software QA Engineer"),
        ("Rail Network Engineer", "Rail Software Engineer"),
        ("Project Manager - Millwork", "IT Project Manager - Millwork"),
        ("Engineering Manager (Mechanical)", "Data Scientist, Manufacturing"),
    ],
)
def test_a_name_shared_by_other_trades_is_refused_beside_their_fields(
    names: Vocabulary, title: str, ours: str
) -> None:
    assert read_faults(names.parse_title, title)[0].type == "unknown-role"
    assert names.parse_title(ours)


def test_an_unknown_word_lowers_the_score_of_a_shared_name_more(names: Vocabulary) -> None:
    scores = [
        names.parse_title(f"{name} - Aquariums")[0][1].score
        for name in ("Engineering Manager", "Data Engineer")
    ]
    assert scores[0] < scores[1] - 5


@pytest.mark.parametrize(
    ("title", "role", "other"),
    [
        ("Frontend Developer", "software-engineer", "web-developer"),
        ("Senior Front-End Engineer, Ads", "software-engineer", "web-developer"),
        ("React Engineer", "software-engineer", "web-developer"),
        ("Software Engineer, Inference", "ai-ml-engineer", "software-engineer"),
        ("Software Engineer, Agents", "ai-ml-engineer", "software-engineer"),
        ("Software Engineer, RL", "ai-ml-engineer", "software-engineer"),
        ("Software Engineer, RLHF", "ai-ml-engineer", "software-engineer"),
        ("Software Engineer, Post-Training", "ai-ml-engineer", "software-engineer"),
        ("Software Engineer, Model Serving", "ai-ml-engineer", "software-engineer"),
    ],
)
def test_a_name_that_often_means_another_role_lists_it_as_alternative(
    names: Vocabulary, title: str, role: str, other: str
) -> None:
    (read, match), _ = names.parse_title(title)
    assert (read.id, match.alternatives) == (role, (other,))


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Engineering Product Manager", "product-manager"),
        ("Security Data Analyst", "data-analyst"),
        ("Software Engineer-Platform", "software-engineer"),
        ("Software Engineer, Infrastructure", "software-engineer"),
        ("Analyst of Data", "data-analyst"),
    ],
)
def test_a_name_in_order_wins_over_the_same_words_in_another(
    names: Vocabulary, title: str, role: str
) -> None:
    (read, match), _ = names.parse_title(title)
    assert read.id == role
    assert match.score < 100


def test_initials_with_points_are_joined(names: Vocabulary) -> None:
    for title, joined in (
        ("A.I. Architect", "AI Architect"),
        ("M.L. Engineer II", "ML Engineer II"),
        ("Senior B.I. Developer", "Senior BI Developer"),
        ("I.T. Project Manager", "IT Project Manager"),
    ):
        (role, match), level = names.parse_title(title)
        assert match.query == title
        assert (role, level) == (names.parse_title(joined)[0][0], names.parse_title(joined)[1])


@pytest.mark.parametrize(
    ("title", "level", "others"),
    [
        ("Data Engineer, AMTS", "entry", ()),
        ("MTS Data Engineer", "mid", ()),
        ("Data Engineering SMTS", "senior", ()),
        ("LMTS, Data Engineer", "staff", ()),
        ("PMTS - Data Engineer", "principal", ()),
        # A word wins over a step of a ladder, which employers number differently.
        ("Senior Data Engineer (L6)", "senior", ("staff",)),
        ("Sr Data Engineer II", "senior", ("mid",)),
        ("Senior Data Engineer I", "senior", ("entry",)),
        ("Senior Data Engineer III", "senior", ()),
        ("Staff Data Engineer, Level 8", "staff", ("principal",)),
        ("Senior Data Engineer, Tier 2", "senior", ()),
    ],
)
def test_ladders_of_words_are_levels_and_a_word_wins_over_a_step(
    names: Vocabulary, title: str, level: str, others: tuple[str, ...]
) -> None:
    (role, _), stated = names.parse_title(title)
    assert stated
    assert (role.id, stated[0].id, stated[1].alternatives) == ("data-engineer", level, others)


def test_a_refusal_quotes_the_title_as_written(names: Vocabulary) -> None:
    with pytest.raises(Refusal, match="Unknown role 'AI/ML Pre-Sales, New Grad Wizard'"):
        names.parse_title("AI/ML Pre-Sales, New Grad Wizard")


def test_a_corrected_level_is_never_a_full_match(names: Vocabulary) -> None:
    (role, match), level = names.parse_title("Seinor Data Scientist")
    assert level
    assert (role.id, level[0].id) == ("data-scientist", "senior")
    assert (match.method, level[1].method) == ("fuzzy", "fuzzy")
    assert match.score < 100


def test_contradictory_levels_are_quoted_with_what_they_mean(names: Vocabulary) -> None:
    with pytest.raises(Refusal, match=r"'Senior' \(senior\) and 'Associate' \(entry\)"):
        names.parse_title("Senior Associate, Data Engineer")


@pytest.mark.parametrize(
    "title", ["AI/ML Enablement Engineer", "ML Tools Engineer", "Senior AI Evals Engineer"]
)
def test_an_unknown_word_in_the_name_of_an_ai_engineer_is_doubtful(
    names: Vocabulary, title: str
) -> None:
    (role, match), _ = names.parse_title(title)
    assert role.id == "ai-ml-engineer"
    assert match.score <= 85


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Part-time Data Engineer", "Part-time"),
        ("Contract Data Engineer", "Contract"),
        ("software engineer (contract)", "contract"),
        ("Contractor - Data Engineer", "Contractor"),
        ("Senior Data Engineer - 6 month contract", "contract"),
        ("Temp Data Analyst", "Temp"),
        ("1099 Data Engineer", "1099"),
        ("Data Engineer, C2C", "C2C"),
        ("Freelance Data Engineer", "Freelance"),
        # An employee's as well, or the field.
        ("Part-time or Full-time Data Engineer", None),
        ("Data Engineer (contract to hire)", None),
        ("Data Engineer - No C2C", None),
        ("Data Engineer (Non-C2C)", None),
        ("Senior Smart Contract Engineer", None),
        ("Contract Deliverables Data Analyst", None),
        ("Data Analyst, Government Contractor", None),
        ("Software Engineer, Contract Management", None),
    ],
)
def test_words_of_part_time_and_contract_work_are_found(
    names: Vocabulary, title: str, words: str | None
) -> None:
    assert names.parse_title(title)
    assert names.find_other_work(title) == words


@pytest.mark.parametrize("phrase", [*PART_TIME, *CONTRACTOR])
def test_titles_and_amounts_know_the_same_words_of_part_time_and_contract_work(
    names: Vocabulary, phrase: Sequence[str]
) -> None:
    for written in (" ".join(phrase), "-".join(phrase)):
        assert names.find_other_work(f"Data Engineer ({written})") == written
        with pytest.raises(AmountError, match=r"part-time work|a contractor's pay"):
            parse_pay(f"$85 an hour, {written}")


@pytest.mark.parametrize(
    "title", ["SOC Analyst L3", "L4 DBA", "Network Engineer - L3", "Systems Administrator (L3)"]
)
def test_a_tier_of_support_is_not_taken_for_a_step_of_a_ladder(
    names: Vocabulary, title: str
) -> None:
    with pytest.raises(Refusal, match=r"Unrecognized level 'L\d'"):
        names.parse_title(title)
    for other, expected in ((f"Senior {title}", "senior"), ("Software Engineer L3", "entry")):
        level = names.parse_title(other)[1]
        assert level and level[0].id == expected


@pytest.mark.parametrize(
    "subject", ["Middle Office", "Graduate Admissions", "Medical Staff", "Lead Management"]
)
def test_a_subject_with_the_word_of_a_level_states_none(names: Vocabulary, subject: str) -> None:
    for title in (f"{subject} Data Analyst", f"Data Analyst, {subject}"):
        (role, _), level = names.parse_title(title)
        assert (role.id, level) == ("data-analyst", None)


@pytest.mark.parametrize("title", ["L2 Network Engineer", "L3 Support Network Engineer"])
def test_support_tiers_are_not_a_level(names: Vocabulary, title: str) -> None:
    (role, _), level = names.parse_title(title)
    assert (role.id, level) == ("network-engineer", None)


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("Senior Data Analyst/Engineer", ("data-analyst", "data-engineer")),
        ("Software Engineer & Architect", ("software-engineer", "solutions-architect")),
        ("Software Engineer &amp; Architect", ("software-engineer", "solutions-architect")),
        ("Systems Engineer / Administrator", ("systems-administrator", "systems-engineer")),
        ("Data Engineer and Architect", ("data-architect", "data-engineer")),
        ("Senior Data Engineer (Architect)", ("data-architect", "data-engineer")),
        ("Software Engineer/Data Engineer", ("data-engineer", "software-engineer")),
    ],
)
def test_a_first_word_is_shared_over_a_slash(
    names: Vocabulary, title: str, ids: tuple[str, ...]
) -> None:
    (fault,) = read_faults(names.parse_title, title)
    assert (fault.type, fault.suggestions) == ("ambiguous-title", ids)
    assert names.parse_title("Software Engineer/Developer")[0][0].id == "software-engineer"


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("Data Science Wizard", "data-scientist"),
        ("Research Engineer", "ml-researcher"),
        ("Robotics Security Wizard", "security-engineer"),
    ],
)
def test_roles_whose_words_are_in_the_title_are_suggested_first(
    names: Vocabulary, title: str, first: str
) -> None:
    (fault,) = read_faults(names.parse_title, title)
    assert fault.suggestions[0] == first
    assert f"Did you mean {first!r}" in fault.detail


@pytest.mark.parametrize(
    ("title", "who", "ids"),
    [
        ("Director of Engineering", "directors and above", ("engineering-manager",)),
        ("VP of Engineering", "directors and above", ("engineering-manager",)),
        ("Vice President - Data Engineer", "directors and above", ("engineering-manager",)),
        ("Director of Data Science", "directors and above", ("data-science-manager",)),
        ("Assoc Dir, Data Science", "directors and above", ("data-science-manager",)),
        ("Dir, Software Engineering", "directors and above", ("engineering-manager",)),
        ("Director, Product Management", "directors and above", ()),
        ("Head of Data", "directors and above", ()),
        ("CTO", "directors and above", ()),
        (
            "Data Scientist (Internship, El Segundo, California) - intern",
            "interns and students",
            (),
        ),
        ("Software Engineer, Intern Program", "interns and students", ()),
        ("Managing Director, Data Science", "directors and above", ("data-science-manager",)),
        ("Supervisory Data Scientist", "supervisors as managers only", ("data-science-manager",)),
        ("Data Scientist (Supervisory)", "supervisors as managers only", ("data-science-manager",)),
        ("Data Scientist, Supervisor", "supervisors as managers only", ("data-science-manager",)),
        ("Managing Software Engineer", "supervisors as managers only", ("engineering-manager",)),
        ("Supervisory Systems Administrator", "supervisors as managers only", ()),
    ],
)
def test_a_leader_supervisor_or_student_is_refused_as_such(
    names: Vocabulary, title: str, who: str, ids: tuple[str, ...]
) -> None:
    with pytest.raises(Refusal, match=f"Paycite (does not cover|covers) {who}") as refusal:
        names.parse_title(title)
    assert refusal.value.faults[0].suggestions == ids


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("IT Specialist (INFOSEC)", ("security-engineer",)),
        ("Data Governance Analyst", ("data-analyst", "data-scientist")),
        ("Data Quality Analyst", ("data-analyst", "qa-engineer")),
    ],
)
def test_a_role_that_shares_the_job_alone_is_not_suggested(
    names: Vocabulary, title: str, ids: tuple[str, ...]
) -> None:
    assert read_faults(names.parse_title, title)[0].suggestions == ids


@pytest.mark.parametrize(
    ("title", "place", "id_"),
    [
        ("Software Engineer - Seattle, WA", "Seattle, WA", "seattle-wa"),
        ("Data Scientist - Seattle", "Seattle", "seattle-wa"),
        ("Data Engineer (Denver)", "Denver", "denver-co"),
        ("Data Engineer in NYC", "NYC", "nyc"),
        ("Data Engineer, Texas", "Texas", "texas"),
        ("Data Engineer (Springfield, MA)", "Springfield, MA", "springfield-ma"),
        ("US-TX-Austin-Software Engineer II", "Austin, TX", "austin-tx"),
    ],
)
def test_a_place_in_a_title_is_found(names: Vocabulary, title: str, place: str, id_: str) -> None:
    found = names.find_place(title)
    assert found
    assert (found[0].id, found[1].query) == (id_, place)


@pytest.mark.parametrize(
    "title",
    [
        "Software Engineer, Mobile",
        "Data Scientist (Springfield)",
        "Data Engineer, Enterprise",
        "Data Engineer, Remote",
        "Software Engineer, ME",
        "Data Analyst - SAC",
        "Software Engineer in Test",
    ],
)
def test_a_word_that_may_be_no_place_is_not_found_as_one(names: Vocabulary, title: str) -> None:
    assert not names.find_place(title)


def test_a_role_without_an_estimate_is_not_suggested(names: Vocabulary) -> None:
    assert names.parse_title("Data Annotator")[0][0].id == "data-annotator"
    assert (
        "data-annotator"
        not in read_faults(names.parse_title, "Image Annotation Wizard")[0].suggestions
    )


def test_the_score_falls_with_every_source_of_doubt(names: Vocabulary) -> None:
    titles = [
        "data engineer",
        "Data Engineer (Remote)",
        "Data Engineer, Fashion",
        "Azure Synapse Data Engineer",
        "Synapse Fabric Data Engineer",
        "Synapse Fabric Data Enginere",
        "Senior Software Engineer, Machine Learning Ranking",
    ]
    scores = [names.parse_title(title)[0][1].score for title in titles]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    methods = {title: names.parse_title(title)[0][1].method for title in titles}
    assert methods["Data Engineer (Remote)"] == "alias"
    assert methods["Data Engineer, Fashion"] == "fuzzy"


WORDS = (
    *("senior", "staff", "lead", "ii", "2", "machine", "learning", "data", "software", "cloud"),
    *("ads", "ranking", "engineer", "analyst", "scientist", "manager", "architect", "intern"),
    *("enginer", "of", "and", "in", "remote", "/", ",", "-", "(", ")", "|", "@"),
)
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)


@given(title=words | st.text(max_size=80))
def test_any_text_is_parsed_or_refused(names: Vocabulary, title: str) -> None:
    try:
        (_, match), _ = names.parse_title(title)
    except Refusal as refusal:
        assert refusal.faults[0].type in ("unknown-role", "unknown-level", "ambiguous-title")
    else:
        assert 50 <= match.score <= 100


@given(
    before=st.sampled_from(["", "Senior ", "Azure ", "Sr. Clinical ", "Payments Lead "]),
    name=st.sampled_from(NAMES),
    after=st.sampled_from(["", " II", ", Ads Ranking", " / Python", " with AWS", " - Senior"]),
    noise=st.sampled_from([" (Remote)", " - $180k", ", US", " ($120,000 - $150,000/yr)", " #4821"]),
)
@example(before="", name="software engineer, infrastructure", after="", noise=" #4821")
@example(before="", name="software engineer, infrastructure", after="", noise=" (R-20415)")
def test_filler_after_a_title_changes_neither_role_nor_level(
    names: Vocabulary, before: str, name: str, after: str, noise: str
) -> None:
    title = before + name + after
    try:
        (role, _), level = names.parse_title(title)
    except Refusal:
        assume(False)
    (role_among_noise, _), level_among_noise = names.parse_title(title + noise)
    assert role_among_noise is role
    assert (level and level[0]) is (level_among_noise and level_among_noise[0])


def test_a_name_that_is_ambiguous_between_no_roles_is_refused(own_seeds: Path) -> None:
    with (own_seeds / "words.csv").open("a") as words:
        words.write("role,wizardry,ambiguous,data-engineer;wizard\n")
    with pytest.raises(SeedError, match="'wizard' is not a role"):
        seeds.read(own_seeds)
