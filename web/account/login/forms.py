"""The login form."""

from __future__ import annotations

from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import InputRequired

from web.localization import mark


class LoginForm(Form):
    """A name and a password; whether they fit is not the form's affair."""

    username = StringField(validators=[InputRequired(mark("Enter your username or email address."))])
    password = PasswordField(validators=[InputRequired(mark("Enter your password."))])
    keep = BooleanField()
