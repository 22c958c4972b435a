"""The root of all mutations: each noun brings a class of its own."""

from strawberry.tools import merge_types

from app.schema.conversation import ConversationMutation

MUTATIONS: tuple[type, ...] = (ConversationMutation,)

Mutation = merge_types("Mutation", MUTATIONS)
