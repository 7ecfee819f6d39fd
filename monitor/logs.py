"""How the service logs: one JSON object a line, UTC, on standard error. In: a role's name. Out: structlog configured.

Never a telephone number, a name or a secret; a log line is an event with fields.
"""

import logging
import sys

import structlog


def configure(role: str, *, level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(role=role)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    quiet_libraries()


def quiet_libraries() -> None:
    """clickhouse-driver logs a traceback of each failed connection, whose end we tell in a sentence of our own."""
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
