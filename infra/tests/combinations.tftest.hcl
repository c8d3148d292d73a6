# Made by `npm run generate`: do not edit.
mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id     = "demo-project"
  redis_external = { host = "redis.example.com" }
}

run "plans_connector_instance_production_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_instance_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_instance_production_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_instance_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_instance_development_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_instance_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_instance_development_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_instance_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "instance"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_cluster_production_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_cluster_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_cluster_production_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_cluster_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_cluster_development_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_cluster_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_cluster_development_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_cluster_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "cluster"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey_production_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_valkey_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey_production_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_valkey_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey_development_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_valkey_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey_development_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_valkey_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey-cluster_production_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_valkey-cluster_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey-cluster_production_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_valkey-cluster_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey-cluster_development_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_valkey-cluster_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_valkey-cluster_development_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_valkey-cluster_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_external_production_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_external_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_external_production_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_external_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_external_development_senticrypt" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_connector_external_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_connector_external_development_kraken" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_connector_external_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "connector"
    redis_kind = "external"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_instance_production_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_instance_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_instance_production_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_instance_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_instance_development_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_instance_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_instance_development_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_instance_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "instance"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_cluster_production_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_cluster_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_cluster_production_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_cluster_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_cluster_development_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_cluster_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_cluster_development_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_cluster_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "cluster"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey_production_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_valkey_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey_production_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_valkey_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey_development_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_valkey_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey_development_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_valkey_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey-cluster_production_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_valkey-cluster_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey-cluster_production_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_valkey-cluster_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey-cluster_development_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_valkey-cluster_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_valkey-cluster_development_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_valkey-cluster_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "valkey-cluster"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_external_production_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "production"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_external_production_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "production"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_external_production_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "production"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_external_production_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "production"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_external_development_senticrypt" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "development"
    feed       = "senticrypt"
    repository = null
  }
}

run "plans_direct_external_development_senticrypt_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "development"
    feed       = "senticrypt"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}

run "plans_direct_external_development_kraken" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "development"
    feed       = "kraken"
    repository = null
  }
}

run "plans_direct_external_development_kraken_trigger" {
  command = plan
  variables {
    egress     = "direct"
    redis_kind = "external"
    size       = "development"
    feed       = "kraken"
    repository = "projects/p/locations/r/connections/c/repositories/r"
  }
}
