"""Numbers of members come again with every test, so what they may still send is counted anew."""

import pytest

from hub.web import limiter


@pytest.fixture(autouse=True)
def fresh_pace(request):
    if "world" in request.fixturenames:
        with request.getfixturevalue("app").app_context():
            limiter.reset()
