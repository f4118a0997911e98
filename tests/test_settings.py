from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentverse.blueprint.company import Limits
from agentverse.errors import SettingsError
from agentverse.settings import Settings, config_home, load_settings


class Place:
    """A project and a user's config folder, and what is written there."""

    def __init__(self, root: Path) -> None:
        self.project, self.user = root / "project", root / "user"
        self.project.mkdir()
        self.user.mkdir()

    def write(self, *, project: str = "", user: str = "") -> None:
        (self.project / "agentverse.toml").write_text(project, encoding="utf-8")
        (self.user / "agentverse.toml").write_text(user, encoding="utf-8")

    def load(self, *, env: dict[str, str] | None = None, **options: Any) -> Settings:
        said = {path.replace("__", "."): (value, "--" + path) for path, value in options.items()}
        return load_settings(self.project, options=said, env={"AGENTVERSE_CONFIG_HOME": str(self.user), **(env or {})})

    def fails(self, *, env: dict[str, str] | None = None, **options: Any) -> SettingsError:
        with pytest.raises(SettingsError) as caught:
            self.load(env=env, **options)
        return caught.value


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_any_source_everything_is_a_default(place: Place) -> None:
    settings = place.load()
    assert settings == Settings()
    assert {shown.origin for shown in settings.shown()} == {"default"}


def test_each_source_beats_those_below_and_is_remembered(place: Place) -> None:
    place.write(user='company = "u"\n')
    assert (place.load().company, place.load().origin("company")) == ("u", f"{place.user}/agentverse.toml:1")
    place.write(user='company = "u"\n', project='\n# mine\ncompany = "p"\n')
    assert (place.load().company, place.load().origin("company")) == ("p", f"{place.project}/agentverse.toml:3")
    env = {"AGENTVERSE_COMPANY": "e"}
    assert (place.load(env=env).company, place.load(env=env).origin("company")) == ("e", "AGENTVERSE_COMPANY")
    settings = place.load(env=env, company="c")
    assert (settings.company, settings.origin("company")) == ("c", "--company")


def test_own_variables_beat_those_of_openai_which_beat_files(place: Place) -> None:
    place.write(project='[models.edge]\nbase_url = "http://file/v1"\nmodel = "file"\n')
    env = {"OPENAI_BASE_URL": "http://openai/v1", "OPENAI_MODEL": "openai"}
    edge = place.load(env=env).models.edge
    assert edge is not None
    assert (edge.base_url, edge.model) == ("http://openai/v1", "openai")
    env |= {"AGENTVERSE_MODELS_EDGE_BASE_URL": "http://own/v1"}
    edge = place.load(env=env).models.edge
    assert edge is not None
    assert (edge.base_url, edge.model) == ("http://own/v1", "openai")


def test_tables_are_joined_key_by_key(place: Place) -> None:
    place.write(user="[limits]\ntokens = 10\nturns = 20\n", project="[limits]\ntokens = 30\n")
    settings = place.load(limits__minutes=2.5)
    assert settings.limits.model_dump() == {"tokens": 30, "turns": 20, "minutes": 2.5}
    assert settings.bounds(Limits(tokens=1, turns=2, minutes=3)) == Limits(tokens=30, turns=20, minutes=2.5)
    assert place.load(limits__minutes=None).bounds(Limits()).minutes == Limits().minutes


@pytest.mark.parametrize(
    ("text", "line", "what", "fix"),
    [
        ("[limits]\ntokens = 5\nturn = 4\n", 3, "limits.turn is no setting", "Did you mean 'turns'?"),
        ("langauge = 'en'\n", 1, "langauge is no setting", "Did you mean 'language'?"),
        ("\n[models.egde]\nmodel = 'm'\n", 2, "models.egde is no setting", "Did you mean 'edge'?"),
        ("[models.edge]\nbase_urll = 'x'\n", 2, "models.edge.base_urll is no setting", "Did you mean 'base_url'?"),
        ("[limits]\ntokens = -5\n", 2, "limits.tokens", None),
        ("[models]\nedge.context = 'many'\n", 2, "models.edge.context", None),
        ("limits = {minutes = 'x'}\n", 1, "limits.minutes", None),
        ('company = """\na\n"""\nrun = 1\n', 4, "run is no setting", "Did you mean 'runs'?"),
        ("language = 'xx'\n", 1, "language", None),
        ("models = 3\n", 1, "models", None),
        ("[models]\nedge = 'nonsense'\n", 2, "'nonsense' names no model", None),
        ("company = \n", 1, "", None),
    ],
)
def test_a_mistake_in_a_file_is_located_and_the_nearest_key_named(
    place: Place, text: str, line: int, what: str, fix: str | None
) -> None:
    place.write(project=text)
    error = place.fails()
    assert f"{place.project}/agentverse.toml:{line}" in str(error)
    assert what in str(error)
    assert fix is None or error.fix == fix


def test_a_variable_that_is_no_setting_is_named_with_the_nearest(place: Place) -> None:
    error = place.fails(env={"AGENTVERSE_COMPNAY": "x"})
    assert "AGENTVERSE_COMPNAY" in str(error)
    assert error.fix == "Did you mean 'AGENTVERSE_COMPANY'?"


def test_an_empty_variable_says_nothing(place: Place) -> None:
    assert place.load(env={"AGENTVERSE_COMPANY": "", "OPENAI_BASE_URL": ""}) == Settings()


def test_a_model_in_its_short_form_replaces_all_that_lower_sources_say_of_the_tier(place: Place) -> None:
    place.write(project='[models.edge]\nbase_url = "http://file/v1"\nmodel = "file"\napi_key = "k"\ncontext = 4096\n')
    edge = place.load(models__edge="http://line/v1#m").models.edge
    assert edge is not None
    assert (edge.base_url, edge.model, edge.context, edge.api_key.get_secret_value()) == (
        "http://line/v1",
        "m",
        None,
        "",
    )
    edge = place.load(env={"AGENTVERSE_MODEL": "recording:some.json"}).models.edge
    assert edge is not None
    assert (edge.provider, edge.path, edge.base_url) == ("recording", "some.json", "")


def key(settings: Settings) -> str:
    assert settings.models.edge is not None
    return settings.models.edge.api_key.get_secret_value()


def test_a_key_is_not_sent_to_a_server_that_a_higher_source_names(place: Place) -> None:
    place.write(user='[models.edge]\nbase_url = "http://mine/v1"\napi_key = "secret"\n')
    assert key(place.load()) == "secret"
    place.write(
        user='[models.edge]\nbase_url = "http://mine/v1"\napi_key = "secret"\n',
        project='[models.edge]\nbase_url = "http://theirs/v1"\n',
    )
    settings = place.load()
    assert settings.models.edge is not None
    assert settings.models.edge.base_url == "http://theirs/v1"
    assert key(settings) == ""


def test_the_key_of_openai_goes_with_its_url_or_where_there_is_none(place: Place) -> None:
    env = {"OPENAI_API_KEY": "common"}
    assert place.load(env=env).models.placed() == {}, "a key alone is no model"
    place.write(project='[models.edge]\nbase_url = "http://mine/v1"\napi_key = "own"\n')
    assert key(place.load(env=env)) == "own"
    assert key(place.load(env={**env, "OPENAI_BASE_URL": "http://openai/v1"})) == "common"
    place.write(project='[models.edge]\nbase_url = "http://mine/v1"\n')
    settings = place.load(env=env)
    assert key(settings) == "common"
    assert settings.origin("models.edge.api_key") == "OPENAI_API_KEY"


def test_a_key_may_come_from_a_variable_of_any_name(place: Place) -> None:
    place.write(project='[models.cloud]\nbase_url = "http://c/v1"\napi_key_env = "C_KEY"\n')
    cloud = place.load().models.cloud
    assert cloud is not None
    assert cloud.spec({"C_KEY": "x"}).api_key.get_secret_value() == "x"
    with pytest.raises(SettingsError, match="C_KEY"):
        cloud.spec({})
    place.write(project='[models.cloud]\nbase_url = "http://c/v1"\napi_key_env = "C_KEY"\napi_key = "x"\n')
    assert "either" in str(place.fails())


def test_secrets_are_never_shown(place: Place) -> None:
    place.write(
        project='[models.edge]\nbase_url = "http://me:hunter2@h/v1"\napi_key = "hunter2"\n'
        '[runs]\njournal = "postgresql://me:hunter2@h/db"\n'
    )
    settings = place.load()
    assert "hunter2" not in repr(settings.shown())
    assert "hunter2" not in repr(settings)[: repr(settings).index("base_url")]
    shown = {one.path: one.value for one in settings.shown()}
    assert shown["models.edge.api_key"] == "•••• (7 characters)"
    place.write(project='[models.edge]\nbase_url = "x"\napi_key = ["hunter2"]\n')
    assert "hunter2" not in str(place.fails())


def test_prices_stay_with_the_settings_and_the_rest_goes_to_the_provider(place: Place) -> None:
    place.write(project='[models.edge]\nbase_url = "http://m/v1"\nprice_prompt = 0.5\nprice_completion = 1\n')
    edge = place.load().models.edge
    assert edge is not None
    assert (edge.price_prompt, edge.price_completion) == (0.5, 1.0)
    assert edge.spec().model_fields_set == {"base_url"}


def test_replicas_are_a_list_or_have_commas_between_them_and_their_logins_stay_hidden(place: Place) -> None:
    one, two = "http://me:pw1@a:8000/v1", "http://me:pw2@b:8000/v1"
    place.write(project=f'[models.edge]\nbase_url = ["{one}", "{two}"]\n')
    settings = place.load()
    assert settings.models.edge is not None
    assert settings.models.edge.placed
    assert settings.models.edge.spec().urls == [one, two]
    shown = {one.path: one.value for one in settings.shown()}["models.edge.base_url"]
    assert shown == "http://me:••••@a:8000/v1, http://me:••••@b:8000/v1"
    edge = place.load(env={"AGENTVERSE_MODEL": "http://a/v1,http://b/v1#tiny"}).models.edge
    assert edge is not None
    assert (edge.spec().urls, edge.model) == (["http://a/v1", "http://b/v1"], "tiny")


def test_a_salt_is_as_secret_as_a_key(place: Place) -> None:
    settings = place.load(env={"AGENTVERSE_MODELS_EDGE_CACHE_SALT": "hush", "OPENAI_BASE_URL": "http://a"})
    assert "hush" not in repr(settings) + str(settings.shown())
    assert settings.models.edge is not None
    assert settings.models.edge.spec().cache_salt.get_secret_value() == "hush"


def test_the_language_follows_the_locale_unless_it_is_set(place: Place) -> None:
    assert place.load(env={"LANG": "zh_CN.UTF-8"}).language == "zh"
    assert place.load(env={"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}).language == "en"
    place.write(project='language = "en"\n')
    assert place.load(env={"LANG": "zh_CN.UTF-8"}).language == "en"


def test_the_journal_lies_beside_the_runs_unless_it_is_set(place: Place) -> None:
    place.write(project='[runs]\nfolder = "elsewhere"\n')
    assert place.load().journal == "elsewhere/journal.sqlite"
    assert place.load(runs__journal="postgresql://h/db").journal == "postgresql://h/db"


def test_the_config_folder_follows_the_xdg_rules(tmp_path: Path) -> None:
    assert config_home({"XDG_CONFIG_HOME": "/x"}) == Path("/x/agentverse")
    assert config_home({}) == Path.home() / ".config" / "agentverse"
    assert config_home({"XDG_CONFIG_HOME": "/x", "AGENTVERSE_CONFIG_HOME": "/y"}) == Path("/y")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('backend = "dokker"', "sandbox.backend: there is no sandbox 'dokker'"),
        ('minimum = "strong"', "sandbox.minimum: input should be"),
        ('image = "--privileged"', "sandbox.image: string should match"),
        ('image = "a b"', "sandbox.image: string should match"),
        ('runtime = "/tmp/evil"', "sandbox.runtime: string should match"),
        ('runtme = "runsc"', "sandbox.runtme is no setting"),
    ],
)
def test_wrong_sandbox_settings_are_located(place: Place, line: str, said: str) -> None:
    place.write(project=f"[sandbox]\n{line}\n")
    assert f"agentverse.toml:2: {said}" in str(place.fails())


def test_packages_are_allowed_by_name_in_a_file_or_a_variable(place: Place) -> None:
    place.write(project='[packages]\nallow = "listed"\nextra = ["My_Package"]\n')
    assert place.load().packages.extra == ("my-package",)
    settings = place.load(env={"AGENTVERSE_PACKAGES_EXTRA": "one, two"})
    assert (settings.packages.allow, settings.packages.extra) == ("listed", ("one", "two"))
    place.write(project='[packages]\nindex = "http://me:hunter2@h/simple"\n')
    assert "hunter2" not in repr(place.load().shown())
    place.write(project='[packages]\nindex = "file:///srv/hunter2"\n')
    assert "agentverse.toml:2: packages.index: string should match" in str(place.fails())
    assert "hunter2" not in str(place.fails())


def test_a_sandbox_is_named_or_chosen_by_strength(place: Place) -> None:
    assert (place.load().sandbox.named, place.load().sandbox.least) == (None, None)
    place.write(project='[sandbox]\nbackend = "container"\nimage = "python:3.11-slim@sha256:ab"\n')
    assert (place.load().sandbox.named, place.load().sandbox.least) == ("container", None)
    place.write(project='[sandbox]\nminimum = "lsm"\n')
    assert (place.load().sandbox.named, place.load().sandbox.least) == (None, "lsm")
