"""The style sheet, the script and the icon: few, small, kept by browsers until they change."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml"}  # fmt: skip


class Assets:
    """The files of a folder, each under a path that changes with its content."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES
        }
        self._marks = {
            name: sha256(content).hexdigest()[:12] for name, content in self._files.items()
        }

    def path(self, name: str) -> str:
        """Return where a file is served."""
        return f"/static/{self._marks[name]}/{name}"

    def answer(self, mark: str, name: str) -> Response:
        """Return a file; raise 404 when there is none of that name."""
        content = self._files.get(name)
        if content is None:
            raise HTTPException(404)
        keep = "public, max-age=31536000, immutable" if mark == self._marks[name] else "no-cache"
        return Response(
            content, media_type=TYPES[Path(name).suffix], headers={"cache-control": keep}
        )


router = APIRouter()


@router.get("/static/{mark}/{name}")
async def asset(request: Request, mark: str, name: str) -> Response:
    """Serve one file."""
    assets = request.app.state.site.assets
    assert isinstance(assets, Assets)
    return assets.answer(mark, name)
