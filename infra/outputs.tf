output "urls" {
  description = "The URL of each function."
  value       = local.urls
}

output "deployer" {
  description = "The account that runs cloudbuild.yaml, for `gcloud builds submit --service-account`."
  value       = google_service_account.deployer.id
}

output "source_bucket" {
  description = "The bucket for sources, for `gcloud builds submit --gcs-source-staging-dir`."
  value       = google_storage_bucket.sources.url
}

output "region" {
  description = "The region of everything."
  value       = var.region
}

output "substitutions" {
  description = "The substitutions of cloudbuild.yaml, for `gcloud builds submit --substitutions`."
  value       = local.substitutions
}

output "stores" {
  description = "The resource id and the address of each store, for `npm run copy`."
  value       = { for kind in local.stores : kind => merge({ id = local.store_ids[kind] }, local.store_endpoints[kind]) }
}

output "origin" {
  description = "The origin of all functions, https://DOMAIN. null without a domain."
  value       = local.origin
}

output "address" {
  description = "The IP address for the domain's A record. null without a domain."
  value       = one(google_compute_global_address.balancer[*].address)
}
