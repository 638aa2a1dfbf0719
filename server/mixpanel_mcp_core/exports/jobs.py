"""Exports that run by themselves: started, looked at, cancelled, each told of by a file.

The files lie in a hidden folder of the allowed one, so that a restarted server knows them too.
Whoever runs an export holds its folder: where nobody does, it was interrupted.
"""

import asyncio
import contextlib
import logging
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from mixpanel_mcp_core.auth.locks import held
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.exports.events import Asked, export_events
from mixpanel_mcp_core.exports.staging import digest_of, discard, owner_of
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import allowed_folder, appearing_whole
from mixpanel_mcp_core.models.streaming import ExportJob, Written
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session

log = logging.getLogger(__name__)

_FOLDER, _JOB, _CANCEL = ".exports", "job.json", "cancel"
_POLL_SECONDS, _LONGEST_WAIT = 0.2, 10
_FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Jobs:
    """The exports of one account and project into one folder."""

    session: Session
    folder: Path
    owner: str

    def start(self, asked: Asked, target: Target) -> ExportJob:
        """Begin an export, unless the same one is running already; the job as it is now."""
        same = digest_of({**asked._asdict(), "target": str(target.path)})
        self._forget_old()
        for job in self.all():
            if job.state == "running" and job.same == same:
                return job
        now = datetime.now(UTC)
        job = ExportJob(
            export_id=secrets.token_hex(12),
            state="running",
            file=str(target.path),
            started_at=now,
            updated_at=now,
            owner=self.owner,
            same=same,
        )
        hold = contextlib.ExitStack()
        # Held before anybody can look: an export that nobody holds was interrupted.
        hold.enter_context(held(self._place(job)))
        self._save(job)
        self.session.spawn(self._run(job, asked, target, hold))
        return job

    def all(self) -> list[ExportJob]:
        """The jobs that are known, the newest first."""
        jobs = [job for job in map(self._read, self._folders()) if job is not None]
        return sorted(jobs, key=lambda job: job.started_at, reverse=True)

    def one(self, export_id: str) -> ExportJob:
        """The job of an id; InvalidInputError where there is none, or it is somebody else's."""
        for job in self.all():
            if secrets.compare_digest(job.export_id.encode(), export_id.encode()):
                return job
        raise unfit("export_id", "no export of this account and project has it; see list_exports")

    async def cancel(self, export_id: str) -> ExportJob:
        """Have an export stopped, whichever process runs it; the job once it has ended.

        A process that does not answer for seconds is not waited for.
        """
        job = self.one(export_id)
        until = time.monotonic() + _LONGEST_WAIT
        while job.state == "running" and time.monotonic() < until:
            (self._place(job) / _CANCEL).touch()
            await asyncio.sleep(_POLL_SECONDS / 2)
            job = self.one(export_id)
        return job

    async def _run(
        self, job: ExportJob, asked: Asked, target: Target, hold: contextlib.ExitStack
    ) -> None:
        async def report(done: float, total: float | None, message: str) -> None:
            job.events, job.progress = int(done), message
            self._save(job)

        with hold:
            work = asyncio.ensure_future(
                export_events(self.session.reporting(report), asked, target)
            )
            wish = asyncio.ensure_future(self._cancelled(job))
            try:
                await asyncio.wait({work, wish}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # Also where the server ends: the job is left as it is, which means interrupted.
                wanted = wish.done()
                work.cancel()
                wish.cancel()
                await asyncio.wait({work, wish})
            if wanted and work.cancelled():
                discard(target)
                job.state = "cancelled"
            else:
                _conclude(job, work)
            self._save(job)

    async def _cancelled(self, job: ExportJob) -> None:
        """Return when somebody wants the job cancelled."""
        wish = self._place(job) / _CANCEL
        while True:
            if wish.exists():
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _place(self, job: ExportJob) -> Path:
        return self.folder / job.export_id

    def _folders(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (each for each in self.folder.iterdir() if each.is_dir())

    def _read(self, folder: Path) -> ExportJob | None:
        """The job of a folder, if it is this account's and project's."""
        try:
            job = ExportJob.model_validate_json((folder / _JOB).read_bytes())
            if job.owner != self.owner:
                return None
            if job.state == "running":
                with held(folder) as alone:
                    # Read again: it may have ended meanwhile.
                    job = ExportJob.model_validate_json((folder / _JOB).read_bytes())
                    if alone and job.state == "running":
                        job.state = "interrupted"
        except (OSError, ValidationError):
            return None
        return job

    def _save(self, job: ExportJob) -> None:
        job.updated_at = datetime.now(UTC)
        with appearing_whole(self._place(job) / _JOB) as part:
            part.write_text(job.model_dump_json(), encoding="utf-8")

    def _forget_old(self) -> None:
        for job in self.all():
            if job.state != "running" and datetime.now(UTC) - job.updated_at > _FORGOTTEN:
                shutil.rmtree(self._place(job), ignore_errors=True)


def jobs_of(session: Session) -> Jobs:
    """The exports of a session's account and project; NotPermittedError without a folder."""
    folder = allowed_folder(session.files)
    return Jobs(session, folder / _FOLDER, digest_of(owner_of(session)))


def _conclude(job: ExportJob, work: "asyncio.Future[Written]") -> None:
    """Note how an export ended."""
    error = work.exception()
    if error is None:
        job.state, job.result = "finished", work.result()
        job.events, job.progress = job.result.events, ""
    elif isinstance(error, MixpanelError):
        job.state, job.error = "failed", {"code": error.code, "message": error.message}
    else:
        log.error("an export broke", exc_info=error)
        job.state = "failed"
        job.error = {"code": "INTERNAL_ERROR", "message": "The server's log on stderr says more."}
