terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.40"
    }
  }

  # The state contains Redis's AUTH string: keep it in a bucket that few people can read, never on a laptop.
  # terraform init -backend-config=bucket=PROJECT-terraform-state
  backend "gcs" {
    prefix = "redis-functions"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = { app = var.name }
}
