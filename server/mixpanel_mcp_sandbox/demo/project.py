"""The demo project itself and the people who work in it."""

from dataclasses import dataclass

PROJECT_ID = 1
WORKSPACE_ID = 1


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the project."""

    id: int
    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    def as_user(self) -> dict[str, object]:
        """Give the fields that say who did something."""
        return {"id": self.id, "name": self.name, "email": self.email}

    def as_person(self) -> dict[str, object]:
        """Give them where Mixpanel tells first and last name."""
        return {"id": self.id, "first_name": self.first_name, "last_name": self.last_name}

    def signature(self) -> dict[str, object]:
        """Give the fields that say who made an entity, and who changed it last."""
        return {
            f"{role}_{field}": value
            for role in ("creator", "last_modified_by")
            for field, value in self.as_user().items()
        }


ADA = Person(1, "Ada", "Lindqvist", "ada@northwind-trail.example")
NILS = Person(2, "Nils", "Okafor", "nils@northwind-trail.example")
