"""Contents of every kind that the protocol knows, for tools, resources and prompts alike."""

from mcp.types import (
    AudioContent,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)

# One red pixel, and 44 bytes of a WAV header with no sound in it.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="


def text(words: str) -> TextContent:
    """A text block."""
    return TextContent(text=words)


def image() -> ImageContent:
    """The red pixel."""
    return ImageContent(data=PNG, mime_type="image/png")


def audio() -> AudioContent:
    """The silence."""
    return AudioContent(data=WAV, mime_type="audio/wav")


def resource(uri: str, words: str, mime_type: str = "text/plain") -> EmbeddedResource:
    """A text resource, embedded."""
    contents = TextResourceContents(uri=uri, text=words, mime_type=mime_type)
    return EmbeddedResource(resource=contents)


BY_TOOL: dict[str, list[ContentBlock]] = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [image()],
    "test_audio_content": [audio()],
    "test_embedded_resource": [
        resource("test://embedded-resource", "This is an embedded resource content.")
    ],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        image(),
        resource(
            "test://mixed-content-resource", '{"test":"data","value":123}', "application/json"
        ),
    ],
    "json_schema_2020_12_tool": [text("The schema is what matters.")],
    "test_x_mcp_header": [text("The header agreed with the argument.")],
}
