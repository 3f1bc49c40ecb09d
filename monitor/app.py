"""The composition root: the only module that sees everything and puts it together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from connectors.base import ConnectorSettings, Context
from connectors.registry import load as load_connector
from monitor import slack_messages
from monitor.accounts.meter import Meters
from monitor.accounts.vault import Vaults, read_keys
from monitor.alerts import raise_alert, resolve_alert
from monitor.assess import LocalLayer, make_assessor
from monitor.assess.assessor import WordsAssessor
from monitor.calendars import calendar_of, calendars_of
from monitor.cases import clocks
from monitor.cases.policies import PolicyBook
from monitor.clock import Clock, utc_now
from monitor.config import Config
from monitor.config.language_model import LanguageModel
from monitor.db import Database
from monitor.due import Claim
from monitor.holiday_feeds import HolidayFeeds
from monitor.incidents.walk import Walk, has_news
from monitor.intake.deliveries import Deliveries, Ear
from monitor.intake.poll import Poller
from monitor.intake.rechecks import Rechecker
from monitor.intake.store import PageStore
from monitor.judging.layered import LayeredAssessor
from monitor.judging.teaching import Teacher
from monitor.judging.watch import JudgementWatch
from monitor.models import Alert, Notification
from monitor.platforms import Platform, Platforms
from monitor.replays.keeping import ForecastKeeper
from monitor.reports.keeping import Keeper
from monitor.single import SingleDaemon
from monitor.sla import Conditions, Lead, Policy, Warn
from monitor.slack_messages import SLACK
from monitor.sources import INBOX, sync, wanted_sources
from monitor.work import Handler
from responders.configured import approval_of, assignment_of, ladders_of, people_of
from responders.delivery import Deliverer
from responders.desk import Desk
from responders.drafts import Drafter, TemplateDrafter
from responders.escalation.climbing import Climber, Staff
from responders.llm.settings import ModelSettings
from responders.looks import Looks
from responders.mail.mailer import Mailer
from responders.mail.settings import settings_of as mail_settings
from responders.preparing import Announce, Preparer
from responders.queue import Queue
from responders.reading import Reader
from responders.rules.plugins import load_rules
from responders.rules.strictness import Strictness
from responders.taking_in import TakingIn
from responders.voices import Voice

if TYPE_CHECKING:
    from responders.slack.face import SlackFace


class Bell:
    """Rings for whoever listens; without a listener (no engine runs here) it does nothing."""

    def __init__(self) -> None:
        self._listener: Callable[[], None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called at every ring."""
        self._listener = listener

    def __call__(self) -> None:
        """Ring."""
        if self._listener is not None:
            self._listener()


@dataclass(slots=True)
class App:
    """Everything of one Rapport, wired. Close it when done."""

    config: Config
    clock: Clock
    database: Database
    platforms: Platforms
    meters: Meters
    vaults: Vaults
    assessor: LayeredAssessor
    teacher: Teacher
    store: PageStore
    poller: Poller
    rechecker: Rechecker
    incidents: Walk
    keeper: Keeper
    forecasts: ForecastKeeper
    deliveries: Deliveries
    queue: Queue
    looks: Looks
    judgement_watch: JudgementWatch
    desk: Desk
    drafter: Drafter
    slack: SlackFace | None
    mailer: Mailer
    holiday_feeds: HolidayFeeds
    handlers: Mapping[str, Handler]
    on_decision: Bell
    """Rung after a person decided in this process, so that the engine looks at once."""

    def lock(self) -> SingleDaemon | None:
        """Return the lock that an embedded daemon holds; None where several may run."""
        if self.config.engine != "embedded":
            return None
        if self.database.is_sqlite and self.database.url.database:
            return SingleDaemon(Path(f"{self.database.url.database}.lock"))
        return SingleDaemon(self.config.base_dir / "var" / "rapport.lock")

    def daemon_is_running(self) -> bool:
        """Tell whether an embedded daemon works on this store, on this machine."""
        lock = self.lock()
        return lock is not None and lock.is_taken()

    def source_keys(self) -> list[str]:
        """Return the keys of every configured source."""
        return [wanted.key for wanted in wanted_sources(self.config)]

    def make_inbox(self) -> None:
        """Make the watched folder if it is missing."""
        folder = self.config.inbox_dir()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def announce_alerts(self) -> None:
        """Owe Slack a word on every open alert. Slack's own troubles are told elsewhere."""
        if self.slack is None:
            return
        with self.database.write() as session:
            for alert in session.scalars(_unannounced()):
                self.slack.notify(
                    session,
                    f"alert:{alert.id}",
                    alert.kind,
                    alert.message,
                    self.clock(),
                    alert_id=alert.id,
                )

    def announce_looks(self) -> None:
        """Owe Slack its word of the day on what waits for a second look, if anything does."""
        if self.slack is None:
            return
        with self.database.write() as session:
            self.slack.tell_of_looks(session, self.clock())

    def announce_incidents(self) -> None:
        """Owe Slack the cards of open incidents, once more when they or their cases change.

        While one is open, what is new is held against it at once, for cards wait for that; and
        so is what is new while many cards wait to be posted, which may be the next one.
        """
        if self.slack is None:
            return
        with self.database.read() as session:
            hurried = has_news(session, following=not self.slack.cards_pile_up(session))
        if hurried:
            self.incidents.run()
        with self.database.read() as session:
            told = self.slack.has_incidents(session, self.clock())
        if told:
            with self.database.write() as session:
                self.slack.tell_of_incidents(session, self.clock())

    def announce_digests(self) -> None:
        """Owe Slack and those who are written to the digests whose moment has come."""
        with self.database.write() as session:
            if self.slack is not None:
                self.slack.tell_digests(session, self.clock())
            self.mailer.owe_digests(session, self.clock())

    def sync(self) -> None:
        """Bring the store in line with the configuration."""
        with self.database.write() as session:
            sync(session, self.config, self.clock())

    def close(self) -> None:
        """Close connections. The store keeps everything."""
        with ExitStack() as stack:
            stack.callback(self.database.close)
            stack.callback(self.platforms.close)
            stack.callback(self.meters.settle)


def _unannounced() -> Select[Alert]:
    """Select the alerts that Slack has not heard of, or heard of before they were resolved."""
    return (
        select(Alert)
        .outerjoin(Notification, Notification.alert_id == Alert.id)
        .where(
            Alert.kind != "slack",
            or_(
                and_(Notification.id.is_(None), Alert.resolved_at.is_(None)),
                Notification.started_at < Alert.resolved_at,
            ),
        )
    )


def compose(config: Config, clock: Clock = utc_now) -> App:
    """Wire an application from a valid configuration. Opens no connection yet.

    Raises `connectors.errors.AuthFailed` when the database's secret is missing, and
    `connectors.errors.BadSettings` when the key for tokens is none.
    """
    database = Database(config.database_url())
    meters = Meters(database, clock)
    vaults = Vaults(database, clock, read_keys())
    platforms = open_platforms(config, clock, meters, vaults)
    topics = patterns_of_topics(config)

    def judging_with(layer: LocalLayer | None) -> WordsAssessor:
        return make_assessor(
            config.assessment.threshold,
            config.assessment.languages,
            unsure_within=config.assessment.unsure_within,
            topics=topics,
            layer=layer,
        )

    assessor = LayeredAssessor(database, judging_with)
    teacher = Teacher(database, judging_with(None), config.assessment.threshold, clock)
    book = policy_book(config, clock)

    def use_holidays() -> None:
        book.change_calendars(calendars_of(config, clock))

    store = PageStore(database, assessor, book)
    poller = Poller(database, platforms, store, clock)
    retention = timedelta(days=config.retention_days) if config.retention_days else None
    rechecker = Rechecker(database, platforms, store, clock, retention)
    desk = Desk(platforms, voices(config), own_topics(config))
    approval = approval_of(config, people_of(config))
    reader = Reader(desk, approval)
    queue = Queue(database, desk, reader, clock, approval=approval)
    looks = Looks(database, reader, book, clock)
    sample_per_week = config.assessment.sample_per_week
    bell = Bell()
    slack = _slack(config, database, queue, looks, store, clock, bell)
    drafter = _drafter(config, database, clock)
    on_duty = slack.duty.names if slack is not None else _unknown_duty
    assignment = assignment_of(config, on_duty)
    preparer = Preparer(database, desk, drafter, clock, _announcer(slack), assessor, assignment)
    deliveries = Deliveries(database, platforms, store, clock, ears(config), wake=bell)
    deliverer = Deliverer(database, platforms, store, clock)

    staff = Staff(
        people_of(config),
        lambda key: calendar_of(config, key, clock),
        on_duty,
        slack.call if slack is not None else None,
    )
    climber = Climber(database, clock, ladders_of(config), staff)
    mailer = Mailer(database, mail_settings(config), clock)

    def watch(claim: Claim) -> None:
        clocks.watch(database, clock, claim, climber.begin)

    handlers: dict[str, Handler] = {
        "poll": poller.handle,
        "prepare": preparer.handle,
        "publish": deliverer.handle,
        "delivery": deliveries.handle,
        "clock": watch,
        "mail": mailer.handle,
        "escalate": climber.handle,
    }
    if slack is not None:
        handlers |= slack.handlers
    return App(
        config=config,
        clock=clock,
        database=database,
        platforms=platforms,
        meters=meters,
        vaults=vaults,
        assessor=assessor,
        teacher=teacher,
        store=store,
        poller=poller,
        rechecker=rechecker,
        incidents=Walk(database, clock),
        keeper=Keeper(database, clock, config.report_zone),
        forecasts=ForecastKeeper(database, clock, config.report_zone),
        deliveries=deliveries,
        queue=queue,
        looks=looks,
        judgement_watch=JudgementWatch(database, clock, sample_per_week, SystemRandom()),
        desk=desk,
        drafter=drafter,
        slack=slack,
        mailer=mailer,
        holiday_feeds=HolidayFeeds(config, database, clock, use_holidays),
        handlers=handlers,
        on_decision=bell,
    )


def open_platforms(config: Config, clock: Clock, meters: Meters, vaults: Vaults) -> Platforms:
    """Return the connectors of all configured sources and of the watched folder."""
    opened = [(each, config.kind_of(each), config.settings_of(each)) for each in config.sources]
    for source, kind, settings in opened:
        if kind.budgets_of is not None:
            meters.declare(config.account_of(source), kind.budgets_of(settings))
    platforms = {}
    for source, kind, settings in opened:
        account = config.account_of(source)
        context = _context(config, source.key, clock)
        platforms[source.key] = Platform(
            kind=kind,
            settings=settings,
            context=replace(
                context,
                meter=meters.of(account),
                vault=vaults.of(account),
                news_since=source.news_since,
            ),
        )
    if config.inbox is not None:
        kind = load_connector("file")
        platforms[INBOX] = Platform(
            kind=kind,
            settings=kind.settings.model_validate({"path": str(config.inbox_dir())}),
            context=_context(config, INBOX, clock),
        )
    if config.slack is not None:
        context = _context(config, SLACK, clock)
        platforms[SLACK] = Platform(slack_messages.KIND, ConnectorSettings(), context)
    return Platforms(platforms)


def ears(config: Config) -> dict[str, Ear]:
    """Return how each source takes what its platform sends, where it does."""
    kinds = {each.key: config.kind_of(each) for each in config.sources if each.enabled}
    return {
        each.key: Ear(hook, config.settings_of(each))
        for each in config.sources
        if each.key in kinds and (hook := kinds[each.key].hook) is not None
    }


def policy_book(config: Config, clock: Clock = utc_now) -> PolicyBook:
    """Return the configured policies and calendars as the core counts with them."""
    policies = [
        Policy(
            key=told.key,
            calendar=told.calendar,
            warn_at=_warnings(told.warn_at),
            when=Conditions.of(told.when.model_dump(exclude_defaults=True)),
            wall=told.wall(),
            start=told.start,
            **told.targets(),
        )
        for told in config.sla
    ]
    places = {
        (brand.key, place.key): place.calendar
        for brand in config.brands
        for place in brand.locations
        if place.calendar is not None
    }
    return PolicyBook(policies, calendars_of(config, clock), places)


def _warnings(told: float | tuple[float | timedelta, ...]) -> float | tuple[Warn, ...]:
    """Return when a policy warns, as the core counts with it."""
    if isinstance(told, float):
        return told
    return tuple(
        Lead(int(each.total_seconds())) if isinstance(each, timedelta) else each for each in told
    )


def voices(config: Config) -> dict[str, Voice]:
    """Return how each brand speaks, and how strict it is with answers."""
    extra = load_rules(config.plugins)
    return {
        brand.key: Voice(
            name=brand.name,
            signature=brand.signature or brand.name,
            contact=brand.contact,
            languages=tuple(brand.languages),
            tone=brand.tone or "",
            strictness=Strictness(
                levels=dict(brand.rules),
                sensitive=brand.sensitive is not None,
                has_lawyers=brand.sensitive == "legal",
                never_say=tuple(brand.never_say),
                may_offer=tuple(brand.may_offer),
                extra=extra,
            ),
        )
        for brand in config.brands
    }


def patterns_of_topics(config: Config) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return by what words each brand's own topics are recognised."""
    return {
        brand.key: {topic.key: topic.words for topic in brand.topics} for brand in config.brands
    }


def own_topics(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the topics that each brand has beside the shipped ones."""
    return {brand.key: tuple(topic.key for topic in brand.topics) for brand in config.brands}


def _context(config: Config, source_key: str, clock: Clock) -> Context:
    return Context(
        source_key=source_key,
        user_agent=config.user_agent,
        base_dir=str(config.base_dir),
        now=clock,
    )


def _slack(
    config: Config,
    database: Database,
    queue: Queue,
    looks: Looks,
    store: PageStore,
    clock: Clock,
    bell: Bell,
) -> SlackFace | None:
    if config.slack is None:
        return None
    # The Slack client takes long to load; a daemon without Slack starts without it.
    from responders.slack.composing import make_face

    def make_source(session: Session) -> None:
        sync(session, config, clock(), need=SLACK)

    taking_in = TakingIn(database, store, looks, clock, SLACK, make_source)
    return make_face(config, database, queue, looks, clock, taking_in=taking_in, wake=bell)


def _drafter(config: Config, database: Database, clock: Clock) -> Drafter:
    """Return what drafts: templates, unless the configuration names a language model."""
    if config.language_model is None:
        return TemplateDrafter()
    from responders.llm.making import make_drafter

    def alarm(message: str | None) -> None:
        _tell(database, clock, "language-model", "language_model", message)

    settings = model_settings(config.language_model)
    return make_drafter(settings, database, clock, config.user_agent, alarm)


def model_settings(told: LanguageModel) -> ModelSettings:
    """Return the configured language model as the drafter takes it."""
    values = told.model_dump(exclude={"timeout", "api_key"})
    return ModelSettings(**values, api_key=told.api_key, timeout=told.timeout.total_seconds())


def _tell(database: Database, clock: Clock, key: str, kind: str, message: str | None) -> None:
    """Raise an alert, or resolve it where there is no message."""
    with database.write() as session:
        if message is None:
            resolve_alert(session, key, clock())
        else:
            raise_alert(session, key, kind, message, clock())


def _unknown_duty(_roster: str) -> tuple[str, ...] | None:
    """Without Slack nobody can tell who is on duty."""
    return None


def _announcer(slack: SlackFace | None) -> Announce:
    def announce(session: Session, case_id: int, now: datetime, chosen: str = "") -> None:
        if slack is not None:
            slack.announce(session, case_id, now, chosen)

    return announce
