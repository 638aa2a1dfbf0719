# Built with uv, run without it: the second stage has Python, the installed environment and nothing else.
FROM python:3.12-slim-bookworm AS build
RUN pip install --no-cache-dir "uv>=0.9"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/mixpanel-mcp
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project
COPY server server
COPY tools tools
COPY prompts prompts
RUN uv sync --locked --no-dev --no-editable

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 mixpanel
COPY --from=build /opt/mixpanel-mcp /opt/mixpanel-mcp
ENV PATH=/opt/mixpanel-mcp/bin:$PATH
USER mixpanel
WORKDIR /home/mixpanel
EXPOSE 8000
# stdio: docker run -i --rm -e MP_USERNAME ... IMAGE
# HTTP:  docker run -p 8000:8000 -e MIXPANEL_MCP_HTTP_TOKEN ... IMAGE --transport http --host 0.0.0.0
ENTRYPOINT ["mixpanel-mcp"]
