locals {
  # The bucket where `gcloud run deploy --source` keeps sources. It is created here, so that the parallel deploys do not
  # race to create it. A bucket's name may have 63 characters: above that, gcloud leaves the region out, and so does this.
  bucket_prefix = "run-sources-${replace(var.project_id, "google", "elgoog")}"
  source_bucket = length("${local.bucket_prefix}-${var.region}") <= 63 ? "${local.bucket_prefix}-${var.region}" : local.bucket_prefix

  # With Direct VPC egress, a new instance may have no network for a minute. /startup answers 200 once Redis is reachable,
  # or after two minutes at the latest. A connector works at once.
  startup_probe = var.egress == "direct" ? "httpGet.path=/startup,httpGet.port=8080,periodSeconds=2,timeoutSeconds=2,failureThreshold=75" : "httpGet.path=/health,httpGet.port=8080,periodSeconds=1,failureThreshold=30"

  # Without a domain each function has its own origin: docs needs their URLs, and CORS must let its page call them. Behind
  # a load balancer all share one origin, and the load balancer's address is the last entry of X-Forwarded-For.
  docs_origins = join(",", distinct(compact(concat(split(",", lookup(var.settings, "CORS_ORIGINS", "")), [local.urls["docs"]], google_cloud_run_v2_service.function["docs"].urls))))
  settings = merge(
    var.settings,
    local.has_domain || lookup(var.settings, "CORS_ORIGINS", "") == "*" ? {} : { CORS_ORIGINS = local.docs_origins },
    local.has_domain && !contains(keys(var.settings), "TRUSTED_PROXY_HOPS") ? { TRUSTED_PROXY_HOPS = "2" } : {},
  )

  substitutions = {
    _NAME                  = var.name
    _REGION                = var.region
    _NETWORK               = var.egress == "connector" ? "--vpc-connector=${google_vpc_access_connector.this[local.used_network].name}" : "--subnet=${local.networks[local.used_network].subnet}"
    _BUILDER               = google_service_account.builder.email
    _REDIS_HOST            = local.redis.host
    _REDIS_PORT            = tostring(local.redis.port)
    _REDIS_TLS             = tostring(local.redis.tls)
    _REDIS_CLUSTER         = tostring(local.redis.cluster)
    _REDIS_IAM             = tostring(local.redis.iam)
    _REDIS_PASSWORD_SECRET = local.redis.password_secret == null ? "" : local.redis.password_secret
    _REDIS_CA_SECRET       = local.redis.ca_secret == null ? "" : local.redis.ca_secret
    _FEED                  = var.feed
    _FUNCTION_URLS         = local.has_domain ? "" : join(",", [for name, url in local.urls : "${name}=${url}"])
    _ORIGIN                = local.has_domain ? local.origin : ""
    _SETTINGS              = join(";", [for name, value in local.settings : "${name}=${value}"])
    _STARTUP_PROBE         = local.startup_probe
    _STEPS                 = join(",", var.traffic_steps)
  }
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "cloud-run-source-deploy"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions"

  cleanup_policies {
    id     = "keep-for-rollback"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "2592000s" # 30 days
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}

resource "google_storage_bucket" "sources" {
  name                        = local.source_bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  lifecycle_rule {
    condition {
      age = 30
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "deployer" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.deployer.member
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.builder.member
}

resource "google_cloudbuild_trigger" "push" {
  count = var.repository == null ? 0 : 1

  name            = "${var.name}-push"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.deployer.id
  substitutions   = local.substitutions

  repository_event_config {
    repository = var.repository
    push {
      branch = "^${replace(var.branch, ".", "\\.")}$"
    }
  }
}
