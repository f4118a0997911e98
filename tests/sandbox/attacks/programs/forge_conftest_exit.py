"""A conftest that sets the exit code of the session."""


def pytest_sessionfinish(session):
    session.exitstatus = 0
