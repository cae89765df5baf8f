/** Technologies and hosted services, lower case, as people write them. */
const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s*,\s*|\n\s*/u));

export const technologies = list(`
  airflow, amazon s3, android, angular, ansible, apache, apache kafka, argocd, arm64, asp.net, astro, aurora, aws
  aws lambda, azure, bash, bigquery, bun, c++, c#, cassandra, celery, chatgpt, chrome, chromadb, claude, clickhouse
  cloudflare, cockroachdb, confluence, consul, couchbase, css, cuda, cypress, dart, databricks, datadog, debian, deno
  django, docker, docker compose, duckdb, dynamodb, ec2, eks, elasticsearch, electron, elixir, envoy, erlang, esbuild
  eslint, etcd, express, express.js, fastapi, fastify, faiss, figma, firebase, firefox, flask, flutter, flink, gcp
  gemini, git, github, github actions, gitlab, gke, go, golang, google cloud, gpt-4, gradle, grafana, graphql, grpc
  hadoop, haproxy, haskell, helm, heroku, hono, html, http, https, huggingface, hugging face, influxdb, ios, istio
  java, javascript, jenkins, jest, jira, jquery, json, jupyter, jwt, kafka, keras, kibana, kotlin, kubernetes, k8s
  lancedb, langchain, laravel, linux, llama, lua, macos, mariadb, markdown, memcached, milvus, mongodb, mongo, mqtt
  mysql, nats, neo4j, neovim, nestjs, netlify, next.js, nextjs, nginx, node, node.js, nodejs, nomad, notion, npm, numpy
  nuxt, oauth, ollama, openapi, opentelemetry, oxlint, pandas, perl, pgbouncer, pgvector, php, pinecone, playwright
  pnpm, podman, postgres, postgresql, prettier, prisma, prometheus, protobuf, pulumi, puppeteer, pytest, python
  pytorch, qdrant, rabbitmq, rails, react, react native, redis, redshift, redux, remix, rest, rollup, ruby
  ruby on rails, rust, s3, scala, scikit-learn, sentry, sendgrid, slack, snowflake, solidity, spacy, spark, spring
  spring boot, sql, sql server, sqlite, ssh, stripe, supabase, svelte, sveltekit, swagger, swift, systemd, tailwind
  tailwind css, temporal, tensorflow, terraform, tls, traefik, twilio, typescript, ubuntu, unity, vault, vercel, vim
  visual studio code, vite, vitest, vs code, vscode, vue, vue.js, weaviate, webassembly, webpack, websocket, websockets
  windows, wordpress, yaml, yarn, zig, zod, zookeeper
`);

/** Also common words: a technology only when capitalised, and not at the start of a sentence. */
export const doubtfulTechnologies = list(
  "go, rest, express, swift, spark, spring, node, react, temporal, vault, aurora, dart, unity, notion, slack, bun, windows, apache, astro, flask, helm, sentry, remix, rust, java, ruby, claude, gemini, llama, yarn, figma, numpy, arm64, stripe, chrome, consul, envoy, cypress, nomad",
);

/** Technologies that read the same with or without a capital at the start of a sentence. */
export const certainAtStart = list(
  "react, rust, java, ruby, numpy, stripe, figma, flask, claude, gemini, chrome, windows, sentry, helm, slack, notion",
);

/** Short forms and the full name. */
export const technologyAliases: ReadonlyMap<string, string> = new Map([
  ["postgres", "PostgreSQL"],
  ["k8s", "Kubernetes"],
  ["mongo", "MongoDB"],
  ["golang", "Go"],
  ["nodejs", "Node.js"],
  ["node.js", "Node.js"],
  ["nextjs", "Next.js"],
  ["vscode", "Visual Studio Code"],
  ["vs code", "Visual Studio Code"],
]);

/** Capitals that stand for a thing in general, not for one entity. */
export const genericCapitals = list(
  "api, apis, url, urls, id, ids, ui, ux, ok, faq, todo, fixme, note, ai, ml, llm, llms, nlp, pr, prs, ci, cd, qa, hr, it, tv, pc, cpu, gpu, ram, ssd, sdk, cli, gui, pdf, csv, xml, utc, gmt, am, pm, eta, asap, fyi, btw, lol, omg, imo, imho, tbd, tba, ceo, cto, cfo, coo, vp, eod, kpi, okr, mvp, poc, ip, dns, cdn, vpn, orm, crud, utf-8, iso, db, os, vm, dm, rsvp, diy, phd, dev, prod, lgbtq",
);
