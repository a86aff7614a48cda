"""What all tables share: names of constraints, the type of ids, and the column that names a person."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Integer, MetaData

from bot.storage.ids import new_id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def id_column() -> Column[int]:
    """The id of what a button can name."""
    return Column("id", Id, primary_key=True, autoincrement=False, default=new_id)


def counted_column() -> Column[int]:
    """The id of what no button names: the database counts, and gives none twice on a server."""
    return Column("id", Id, Identity(), primary_key=True)


def person_column(
    name: str = "person_id", *, primary_key: bool = False, nullable: bool = False
) -> Column[int]:
    return Column(
        name,
        Id,
        ForeignKey("people.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=nullable,
        index=not primary_key,
    )
