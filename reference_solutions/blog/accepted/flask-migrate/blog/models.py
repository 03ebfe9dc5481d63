from datetime import datetime, timezone

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

db = SQLAlchemy()


def now():
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


tagging = db.Table(
    "tagging",
    db.Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    db.Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
)


class User(db.Model):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))

    def shown(self):
        return {"id": self.id, "name": self.name}


class Tag(db.Model):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)


class Comment(db.Model):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[User] = relationship()

    def shown(self):
        return {"id": self.id, "body": self.body, "author": self.author.shown()}


class Post(db.Model):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    author: Mapped[User] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=tagging, order_by=Tag.name)
    comments: Mapped[list[Comment]] = relationship(
        order_by=(Comment.created_at, Comment.id), passive_deletes=True
    )
    comment_count: Mapped[int] = column_property(
        select(func.count(Comment.id)).where(Comment.post_id == id)
        .correlate_except(Comment).scalar_subquery()
    )

    def shown(self):
        return {
            "id": self.id,
            "slug": self.slug,
            "title": self.title,
            "author": self.author.shown(),
            "tags": [tag.name for tag in self.tags],
            "comment_count": self.comment_count,
        }
