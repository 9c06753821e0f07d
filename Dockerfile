# Two images from one file: `docker build -t netmon-master .` and `docker build --target agent -t netmon .`
FROM node:22-slim AS build
WORKDIR /netmon
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.mjs ./
COPY src ./src
RUN node build.mjs

FROM node:22-slim AS agent
COPY --from=build /netmon/dist/netmon.js /usr/local/bin/netmon
RUN mkdir -p /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
ENV NETMON_STATE_DIR=/data
EXPOSE 17890/udp
ENTRYPOINT ["node", "--", "/usr/local/bin/netmon"]
CMD ["agent"]

FROM node:22-slim AS master
COPY --from=build /netmon/dist/netmon-master.js /usr/local/bin/netmon-master
RUN mkdir -p /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
ENV NETMON_DATABASE=/data/master.db NETMON_LISTEN_HOST=0.0.0.0
# Malloc and flags are those of build.mjs.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=131072
EXPOSE 9091
HEALTHCHECK --interval=30s --timeout=5s CMD node -e "fetch('http://127.0.0.1:9091/api/v1/health').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"
ENTRYPOINT ["node", "--max-semi-space-size=2", "--heap-growing-percent=15", "--v8-pool-size=1", "--", "/usr/local/bin/netmon-master"]
CMD ["master"]
