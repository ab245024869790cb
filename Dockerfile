FROM rust:1-slim-bookworm AS build
# SQLite, QuickJS and aws-lc are C.
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /storefront
# Besides src/, the program is made of couch_views/, fixtures/, templates/ and static/, which are compiled in.
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /srv/storefront --create-home storefront \
    && install -d -o storefront -g storefront /srv/storefront/data /srv/storefront/apps
COPY --from=build /storefront/target/release/storefront /usr/local/bin/storefront
USER storefront
WORKDIR /srv/storefront
ENV STOREFRONT_STORE=embedded:/srv/storefront/data STOREFRONT_LISTEN=0.0.0.0:8000
VOLUME /srv/storefront/data
EXPOSE 8000
ENTRYPOINT ["storefront"]
CMD ["serve"]
