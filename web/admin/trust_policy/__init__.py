"""The trust policy: its rules, its editor, its text and its versions."""
