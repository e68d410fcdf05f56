"""Numbers of members come again with every test, so what they may still send is counted anew."""

import pytest

from hub.web import limiter


@pytest.fixture(autouse=True)
def fresh_pace(app):
    with app.app_context():
        limiter.reset()
