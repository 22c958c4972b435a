FROM python:3.11-slim
WORKDIR /srv/minplan
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md ./
COPY app app
COPY db db
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . && useradd --system minplan
# a new volume of letters takes its owner from this folder
RUN install -d -o minplan -m 0700 /var/lib/minplan/letters
USER minplan
CMD ["minplan", "serve", "--host", "0.0.0.0"]
